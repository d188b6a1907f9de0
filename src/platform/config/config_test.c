#include "platform/config/config.h"

#include "platform/config/config_check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define ARG(text) ((char[]){ text }) /* arguments may be written to */

struct place {
    struct arena *arena;
    char folder[64], path[96];
    struct config config;
    struct fault fault;
};

static int setup(void **state)
{
    struct place *p = calloc(1, sizeof *p);
    p->arena = arena_make();
    snprintf(p->folder, sizeof p->folder, "/tmp/manyhands-config-XXXXXX");
    if (mkdtemp(p->folder) == NULL)
        return -1;
    snprintf(p->path, sizeof p->path, "%s/manyhands.ini", p->folder);
    *state = p;
    return 0;
}

static int teardown(void **state)
{
    struct place *p = *state;
    unlink(p->path);
    rmdir(p->folder);
    arena_free(p->arena);
    free(p);
    return 0;
}

static bool load_file(struct place *p, const char *text)
{
    FILE *file = fopen(p->path, "we");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    p->fault = (struct fault){ 0 };
    return config_load(p->arena, p->path, NULL, NULL, &p->config, &p->fault);
}

static void assert_refused(struct place *p, const char *text, const char *told)
{
    assert_false(load_file(p, text));
    assert_int_equal(p->fault.kind, FAULT_SETUP);
    if (strstr(p->fault.detail, told) == NULL)
        fail_msg("'%s' does not say '%s'", p->fault.detail, told);
}

static void without_anything_the_defaults_hold(void **state)
{
    struct place *p = *state;
    assert_true(config_load(p->arena, NULL, NULL, NULL, &p->config, &p->fault));
    assert_true(str_equal(p->config.server_listen, S("127.0.0.1:8080")));
    assert_true(str_equal(p->config.database_url, S("sqlite:data/manyhands.db")));
    assert_true(p->config.server_rate_limits);
    assert_false(p->config.server_behind_proxy);
    assert_int_equal(p->config.files_upload_bytes_max, 200000000);
    assert_int_equal(p->config.mail_smtp_url.size, 0);
}

static void the_example_file_states_the_defaults(void **state)
{
    struct place *p = *state;
    struct config defaults;
    assert_true(config_load(p->arena, NULL, NULL, NULL, &defaults, &p->fault));
    assert_true(load_file(p, str_c(p->arena, config_example(p->arena))));
    assert_true(str_equal(p->config.mail_from, defaults.mail_from));
    assert_true(str_equal(p->config.server_public_url, defaults.server_public_url));
    assert_int_equal(p->config.server_idle_seconds, defaults.server_idle_seconds);
    assert_int_equal(p->config.node, defaults.node);
}

static void the_environment_overrides_the_file_and_arguments_override_both(void **state)
{
    struct place *p = *state;
    setenv("MANYHANDS_DATABASE_URL", "sqlite:from-environment.db", 1);
    setenv("MANYHANDS_CLUSTER_NODE", "7", 1);
    assert_true(load_file(p, "[database]\nurl = sqlite:file.db\nbatch_max = 3\n"));
    assert_true(str_equal(p->config.database_url, S("sqlite:from-environment.db")));
    assert_int_equal(p->config.database_batch_max, 3);
    assert_int_equal(p->config.node, 7);

    char *argv[] = { ARG("manyhands"),   ARG("serve"),           ARG("--database"),
                     ARG("sqlite:a.db"), ARG("--verbose"),       ARG("--server-rate-limits=off"),
                     ARG("--"),          ARG("--log-level=bad"), NULL };
    int argc = 8;
    bool loaded = config_load(p->arena, p->path, &argc, argv, &p->config, &p->fault);
    unsetenv("MANYHANDS_DATABASE_URL");
    unsetenv("MANYHANDS_CLUSTER_NODE");
    assert_true(loaded);
    assert_true(str_equal(p->config.database_url, S("sqlite:a.db")));
    assert_false(p->config.server_rate_limits);
    assert_int_equal(argc, 5);
    assert_string_equal(argv[1], "serve");
    assert_string_equal(argv[2], "--verbose");
    assert_string_equal(argv[3], "--");
    assert_string_equal(argv[4], "--log-level=bad");
    assert_null(argv[5]);
}

static void mistakes_in_the_file_are_told_with_file_and_line(void **state)
{
    struct place *p = *state;
    assert_refused(p, "; hello\n[server]\nlisten = 127.0.0.1:80\nlistne = 1\n", "ini:4: there is");
    assert_refused(p, "[sever]\nlisten = 127.0.0.1:80\n", "ini:2: there is no setting");
    assert_refused(p, "[server]\nthreads = many\n", "ini:2: server.threads must be a whole number");
    assert_refused(p, "[server]\nthreads = 257\n", "from 0 to 256, not '257'");
    assert_refused(p, "[server]\nbehind_proxy = maybe\n", "must be yes or no, not 'maybe'");
    assert_refused(p, "[server]\nlisten = 1\nlisten = 2\n", "ini:2: server.listen must be ADDRESS");
    assert_refused(p, "[log]\nlevel = info\nlevel = warn\n", "ini:3: log.level is set twice");
    assert_refused(p, "[log]\nlevel info\n", "ini:2: the line is neither");
    assert_refused(p, "[mail]\nfrom = a\xff@b\n", "not valid UTF-8");
    char long_line[1000] = "[mail]\nfrom = ";
    memset(long_line + 14, 'a', 900);
    assert_refused(p, long_line, "ini:2: the line is too long");
}

static void a_missing_file_is_told(void **state)
{
    struct place *p = *state;
    assert_false(config_load(p->arena, "/nowhere/x.ini", NULL, NULL, &p->config, &p->fault));
    assert_non_null(strstr(p->fault.detail, "/nowhere/x.ini: No such file"));
}

static void mistakes_in_environment_and_arguments_are_told(void **state)
{
    struct place *p = *state;
    setenv("MANYHANDS_MAIL_FORM", "x@y", 1);
    bool loaded = config_load(p->arena, NULL, NULL, NULL, &p->config, &p->fault);
    unsetenv("MANYHANDS_MAIL_FORM");
    assert_false(loaded);
    assert_string_equal(p->fault.detail, "MANYHANDS_MAIL_FORM: there is no such setting");

    char *missing[] = { ARG("manyhands"), ARG("--listen"), NULL };
    int argc = 2;
    assert_false(config_load(p->arena, NULL, &argc, missing, &p->config, &p->fault));
    assert_string_equal(p->fault.detail, "--listen: the value is missing");

    char *wrong[] = { ARG("manyhands"), ARG("--cluster-node=64"), NULL };
    argc = 2;
    assert_false(config_load(p->arena, NULL, &argc, wrong, &p->config, &p->fault));
    assert_non_null(strstr(p->fault.detail, "--cluster-node: cluster.node must be"));
}

static void texts_are_checked_for_their_form(void **state)
{
    assert_true(config_is_listen(S("[::1]:0")));
    assert_true(config_is_listen(S("localhost:65535")));
    assert_false(config_is_listen(S("::1:80")));
    assert_false(config_is_listen(S(":80")));
    assert_false(config_is_listen(S("localhost")));
    assert_false(config_is_listen(S("localhost:65536")));
    assert_true(config_is_public_url(S("https://ideas.example.org/hands")));
    assert_false(config_is_public_url(S("https://ideas.example.org/")));
    assert_false(config_is_public_url(S("ideas.example.org")));
    assert_false(config_is_public_url(S("https:///x")));
    assert_true(config_is_metrics_token(S("")));
    assert_true(config_is_metrics_token(S("sixteen-letters!")));
    assert_false(config_is_metrics_token(S("fifteen-letters")));
    assert_false(config_is_metrics_token(S("sixteen letters!")));
    assert_true(config_is_database_url(S("postgresql://u@h/db")));
    assert_false(config_is_database_url(S("mysql://u@h/db")));
    assert_false(config_is_database_url(S("sqlite:")));
    assert_true(config_is_smtp_url(S("")));
    assert_true(config_is_smtp_url(S("smtps://mail.example.org:465")));
    assert_false(config_is_smtp_url(S("http://mail.example.org")));
    assert_true(config_is_embeddings_url(S("")));
    assert_true(config_is_embeddings_url(S("http://localhost:11434/api/embed")));
    assert_false(config_is_embeddings_url(S("localhost:11434")));
    assert_false(config_is_embeddings_url(S("https://key@example.org/v1/embeddings")));
    assert_false(config_is_embeddings_url(S("https:///v1")));
    assert_true(config_is_mail_from(S("Ideas <i@example.org>")));
    assert_true(config_is_mail_from(S("i@example.org")));
    assert_false(config_is_mail_from(S("Ideas <i@example.org> x")));
    assert_false(config_is_mail_from(S("Ideas")));
}

int main(void)
{
#define test_in_place(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        test_in_place(without_anything_the_defaults_hold),
        test_in_place(the_example_file_states_the_defaults),
        test_in_place(the_environment_overrides_the_file_and_arguments_override_both),
        test_in_place(mistakes_in_the_file_are_told_with_file_and_line),
        test_in_place(a_missing_file_is_told),
        test_in_place(mistakes_in_environment_and_arguments_are_told),
        cmocka_unit_test(texts_are_checked_for_their_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
