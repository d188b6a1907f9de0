#include "platform/config/config.h"

#include "base/buf.h"
#include "base/check.h"
#include "platform/config/config_check.h"

#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum setting_type { SETTING_TEXT, SETTING_INT, SETTING_BOOL };

struct setting {
    const char *section, *key;
    enum setting_type type;
    const char *initial;
    int64_t min, max;             /* SETTING_INT */
    bool (*is_valid)(struct str); /* SETTING_TEXT; NULL: any text */
    const char *expected;         /* what is_valid wants, in words */
    const char *help;
    size_t offset; /* in struct config */
};

#define TEXT(name, text, valid, wanted, sentence)                                                  \
    .key = #name, .type = SETTING_TEXT, .initial = text, .is_valid = valid, .expected = wanted,    \
    .help = sentence
#define INT(name, text, least, most, sentence)                                                     \
    .key = #name, .type = SETTING_INT, .initial = text, .min = least, .max = most, .help = sentence
#define BOOL(name, text, sentence)                                                                 \
    .key = #name, .type = SETTING_BOOL, .initial = text, .help = sentence
#define AT(field) .offset = offsetof(struct config, field)

/* Everything that can be set. The file, the environment, the arguments, the messages and the
   example all come from this table. */
static const struct setting settings[] = {
    { .section = "server",
      AT(server_listen),
      TEXT(listen, "127.0.0.1:8080", config_is_listen, "ADDRESS:PORT or [IPV6]:PORT",
           "Address and port of the HTTP server. Port 0 takes a free one.") },
    { .section = "server",
      AT(server_public_url),
      TEXT(public_url, "http://localhost:8080", config_is_public_url,
           "http:// or https:// with a host and no slash at the end",
           "How people reach this server; stands in mails and links.") },
    { .section = "server",
      AT(server_threads),
      INT(threads, "0", 0, 256, "Threads that own the sockets. 0: one a core.") },
    { .section = "server",
      AT(server_connections_max),
      INT(connections_max, "10000", 1, 1000000, "Open connections at most.") },
    { .section = "server",
      AT(server_per_address_max),
      INT(per_address_max, "1000", 0, 1000000,
          "Open connections of one address at most. 0: no limit.") },
    { .section = "server",
      AT(server_header_bytes_max),
      INT(header_bytes_max, "4608", 2048, 65536,
          "Bytes of a request's head at most. Each open connection holds half as much again.") },
    { .section = "server",
      AT(server_header_seconds),
      INT(header_seconds, "10", 1, 3600, "The whole head of a request must come within.") },
    { .section = "server",
      AT(server_body_seconds),
      INT(body_seconds, "60", 1, 86400, "The whole body of a request must come within.") },
    { .section = "server",
      AT(server_idle_seconds),
      INT(idle_seconds, "75", 1, 3600, "A kept-alive connection without a request is closed.") },
    { .section = "server",
      AT(server_behind_proxy),
      BOOL(behind_proxy, "no", "Trust X-Forwarded-For and -Proto of a proxy on this machine.") },
    { .section = "server",
      AT(server_rate_limits),
      BOOL(rate_limits, "yes",
           "Limit how often one person or address may do the same, or try one account.") },
    { .section = "server",
      AT(server_metrics_token),
      TEXT(metrics_token, "", config_is_metrics_token,
           "empty, or 16 to 200 visible characters without spaces",
           "Bearer token that /metrics asks for. Empty: it answers programs on this machine "
           "only.") },
    { .section = "database",
      AT(database_url),
      TEXT(url, "sqlite:data/manyhands.db", config_is_database_url, "sqlite:PATH or postgresql://…",
           "sqlite:PATH, or the connection URI of PostgreSQL 15 or later.") },
    { .section = "database",
      AT(database_connections),
      INT(connections, "8", 1, 1000, "Connections that write (PostgreSQL).") },
    { .section = "database",
      AT(database_batch_max),
      INT(batch_max, "512", 1, 65536, "Commands committed together at most (SQLite).") },
    { .section = "files",
      AT(files_folder),
      TEXT(folder, "data/files", config_is_filled, "the path of a folder",
           "Where uploaded files are kept.") },
    { .section = "files",
      AT(files_upload_bytes_max),
      INT(upload_bytes_max, "200000000", 1024, 1073741824,
          "Size of an uploaded file at most; most forms take less.") },
    { .section = "mail",
      AT(mail_smtp_url),
      TEXT(smtp_url, "", config_is_smtp_url, "empty, smtp://HOST:PORT or smtps://HOST:PORT",
           "Mail server. Empty: mails wait in the outbox, and `manyhands doctor` counts them.") },
    { .section = "mail",
      AT(mail_from),
      TEXT(from, "Manyhands <no-reply@localhost>", config_is_mail_from, "ADDRESS or NAME <ADDRESS>",
           "Sender of all mails.") },
    { .section = "mail",
      AT(mail_user),
      TEXT(user, "", NULL, NULL, "User name at the mail server. Empty: no login.") },
    { .section = "mail",
      AT(mail_password),
      TEXT(password, "", NULL, NULL,
           "Its password; better given as MANYHANDS_MAIL_PASSWORD than in a file.") },
    { .section = "fetch",
      AT(fetch_allow_http),
      BOOL(allow_http, "no",
           "Call webhooks at http:// addresses as well, where anybody on the way can read.") },
    { .section = "fetch",
      AT(fetch_allow_private),
      BOOL(allow_private, "no",
           "Call webhooks on this machine and in private networks as well. Whoever may add a "
           "webhook can then reach what stands there.") },
    { .section = "sift",
      AT(sift_encoder),
      TEXT(encoder, "", NULL, NULL,
           "Data file of the sentence encoder. Empty: beside the program, or in ../share/manyhands "
           "from there.") },
    { .section = "sift",
      AT(sift_memory_bytes_max),
      INT(memory_bytes_max, "268435456", 1048576, 1099511627776,
          "Memory for comparing texts, about 2 KB for each of a campaign; those not asked for "
          "longest go first.") },
    { .section = "embeddings",
      AT(embeddings_url),
      TEXT(url, "", config_is_embeddings_url,
           "empty, or https://HOST/PATH, or http:// in your own network",
           "Service for other languages than English, such as http://localhost:11434/api/embed; "
           "asked "
           "once an owner agrees that participants' words are sent to it. Empty: none.") },
    { .section = "embeddings",
      AT(embeddings_model),
      TEXT(model, "", config_is_line, "a name",
           "Model the service is to use, one for several languages; needed with url.") },
    { .section = "embeddings",
      AT(embeddings_key),
      TEXT(key, "", config_is_line, "visible characters",
           "Key sent as bearer token; better given as MANYHANDS_EMBEDDINGS_KEY than in a file.") },
    { .section = "embeddings",
      AT(embeddings_dimensions),
      INT(dimensions, "0", 0, 8192,
          "Numbers in a vector to ask for, where the model offers a choice: 512 is best. 0: as "
          "many "
          "as it has.") },
    { .section = "log",
      AT(log_level),
      TEXT(level, "info", config_is_log_level, "debug, info, warn or error",
           "Least level that is logged: debug, info, warn, error.") },
    { .section = "cluster",
      AT(node),
      INT(node, "0", 0, 63, "Number of this server; different on each that shares a database.") },
};
enum { SETTING_COUNT = sizeof settings / sizeof *settings };

/* The settings people type most have short names. */
static const struct {
    const char *option, *section, *key;
} aliases[] = {
    { "database", "database", "url" },
    { "listen", "server", "listen" },
};

struct loading {
    struct arena *arena;
    struct config *config;
    struct fault *fault;
    const char *path;
    FILE *file;
    int line;
    bool line_too_long;
    bool seen[SETTING_COUNT]; /* in the file */
};

static const struct setting *setting_find(struct str section, struct str key)
{
    for (size_t i = 0; i < SETTING_COUNT; i++)
        if (str_equal(section, str_from(settings[i].section)) &&
            str_equal(key, str_from(settings[i].key)))
            return &settings[i];
    return NULL;
}

/* --- One value -------------------------------------------------------------------------------- */

static bool int_set(const struct setting *s, struct str value, int64_t *to, const char *where,
                    struct fault *fault)
{
    int64_t number;
    if (!str_to_int64(value, &number) || number < s->min || number > s->max)
        return fault_set(fault, FAULT_SETUP,
                         "%s: %s.%s must be a whole number from %lld to %lld, not '%.*s'", where,
                         s->section, s->key, (long long)s->min, (long long)s->max, STR_ARG(value));
    *to = number;
    return true;
}

static bool bool_set(const struct setting *s, struct str value, bool *to, const char *where,
                     struct fault *fault)
{
    static const char *const words[][2] = {
        { "no", "yes" }, { "false", "true" }, { "off", "on" }, { "0", "1" }
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        for (int truth = 0; truth < 2; truth++)
            if (str_equal_nocase(value, str_from(words[i][truth]))) {
                *to = truth == 1;
                return true;
            }
    return fault_set(fault, FAULT_SETUP, "%s: %s.%s must be yes or no, not '%.*s'", where,
                     s->section, s->key, STR_ARG(value));
}

static bool text_set(struct arena *arena, const struct setting *s, struct str value, struct str *to,
                     const char *where, struct fault *fault)
{
    if (!utf8_valid(value))
        return fault_set(fault, FAULT_SETUP, "%s: %s.%s is not valid UTF-8", where, s->section,
                         s->key);
    if (s->is_valid != NULL && !s->is_valid(value))
        return fault_set(fault, FAULT_SETUP, "%s: %s.%s must be %s, not '%.*s'", where, s->section,
                         s->key, s->expected, STR_ARG(value));
    *to = str_copy(arena, value);
    return true;
}

static bool setting_set(struct arena *arena, const struct setting *s, struct str value,
                        struct config *config, const char *where, struct fault *fault)
{
    void *field = (char *)config + s->offset;
    switch (s->type) {
    case SETTING_INT:
        return int_set(s, value, field, where, fault);
    case SETTING_BOOL:
        return bool_set(s, value, field, where, fault);
    case SETTING_TEXT:
        return text_set(arena, s, value, field, where, fault);
    }
    check(!"a setting has a type");
    return false;
}

/* --- The file --------------------------------------------------------------------------------- */

/* inih's reader, wrapped to count lines and to refuse what inih would cut in two. */
static char *line_read(char *line, int size, void *context)
{
    struct loading *l = context;
    if (fgets(line, size, l->file) == NULL)
        return NULL;
    l->line++;
    size_t length = strlen(line);
    if (length + 1 == (size_t)size && line[length - 1] != '\n') {
        l->line_too_long = true;
        return NULL;
    }
    return line;
}

static int line_take(void *context, const char *section, const char *key, const char *value)
{
    struct loading *l = context;
    if (l->fault->kind != FAULT_NONE)
        return 0; /* only the first mistake is told */
    const char *where = str_printf(l->arena, "%s:%d", l->path, l->line).data;
    const struct setting *s = setting_find(str_from(section), str_from(key));
    if (s == NULL)
        return fault_set(l->fault, FAULT_SETUP,
                         "%s: there is no setting '%s' in [%s]; `manyhands doctor --print-config` "
                         "shows all",
                         where, key, section);
    if (l->seen[s - settings])
        return fault_set(l->fault, FAULT_SETUP, "%s: %s.%s is set twice", where, section, key);
    l->seen[s - settings] = true;
    return setting_set(l->arena, s, str_from(value), l->config, where, l->fault);
}

static bool file_load(struct loading *l)
{
    l->file = fopen(l->path, "re");
    if (l->file == NULL)
        return fault_set(l->fault, FAULT_SETUP, "cannot read the configuration %s: %s", l->path,
                         strerror(errno));
    int broken_line = ini_parse_stream(line_read, l, line_take, l);
    bool read_failed = ferror(l->file);
    fclose(l->file);
    if (l->fault->kind != FAULT_NONE)
        return false;
    if (read_failed)
        return fault_set(l->fault, FAULT_SETUP, "cannot read the configuration %s", l->path);
    if (l->line_too_long)
        return fault_set(l->fault, FAULT_SETUP, "%s:%d: the line is too long", l->path, l->line);
    if (broken_line != 0)
        return fault_set(l->fault, FAULT_SETUP,
                         "%s:%d: the line is neither [section] nor key = value", l->path,
                         broken_line);
    return true;
}

/* --- Environment and arguments ---------------------------------------------------------------- */

/* "server_public_url" or "server-public-url" → the setting; the section has no underscore. */
static const struct setting *setting_by_joined_name(struct arena *arena, struct str joined)
{
    struct buf name = { .arena = arena };
    struct str lower = str_lower(arena, joined);
    for (size_t i = 0; i < lower.size; i++)
        buf_char(&name, lower.data[i] == '-' ? '_' : lower.data[i]);
    struct str key = buf_str(&name), section = str_cut(&key, '_');
    return setting_find(section, key);
}

static bool section_exists(struct str section)
{
    for (size_t i = 0; i < SETTING_COUNT; i++)
        if (str_equal_nocase(section, str_from(settings[i].section)))
            return true;
    return false;
}

static bool environment_load(struct loading *l)
{
    for (char **entry = environ; entry != NULL && *entry != NULL; entry++) {
        struct str value = str_from(*entry), name = str_cut(&value, '=');
        if (!str_starts(name, S("MANYHANDS_")))
            continue;
        struct str joined = str_slice(name, 10, name.size), key = joined;
        const char *where = str_c(l->arena, name);
        const struct setting *s = setting_by_joined_name(l->arena, joined);
        if (s != NULL) {
            if (!setting_set(l->arena, s, value, l->config, where, l->fault))
                return false;
        } else if (section_exists(str_cut(&key, '_')) && key.size > 0) {
            /* Other variables may begin so; one that names a section is a slip of the pen. */
            return fault_set(l->fault, FAULT_SETUP, "%s: there is no such setting", where);
        }
    }
    return true;
}

static const struct setting *setting_by_option(struct arena *arena, struct str option)
{
    for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++)
        if (str_equal(option, str_from(aliases[i].option)))
            return setting_find(str_from(aliases[i].section), str_from(aliases[i].key));
    return setting_by_joined_name(arena, option);
}

static bool arguments_load(struct loading *l, int *argc, char **argv)
{
    int kept = 0;
    for (int i = 0; i < *argc; i++) {
        struct str value = str_from(argv[i]);
        if (i == 0 || !str_starts(value, S("--"))) {
            argv[kept++] = argv[i];
            continue;
        }
        if (value.size == 2) { /* "--": what follows is no option */
            while (i < *argc)
                argv[kept++] = argv[i++];
            break;
        }
        bool has_value = str_find(value, S("=")) != SIZE_MAX;
        struct str option = str_cut(&value, '=');
        const struct setting *s = setting_by_option(l->arena, str_slice(option, 2, option.size));
        if (s == NULL) {
            argv[kept++] = argv[i]; /* an option of the command */
            continue;
        }
        const char *where = str_c(l->arena, option);
        if (!has_value && i + 1 >= *argc)
            return fault_set(l->fault, FAULT_SETUP, "%s: the value is missing", where);
        if (!has_value)
            value = str_from(argv[++i]);
        if (!setting_set(l->arena, s, value, l->config, where, l->fault))
            return false;
    }
    *argc = kept;
    argv[kept] = NULL;
    return true;
}

/* What no setting shows alone. */
static bool belongs_together(const struct config *config, struct fault *fault)
{
    if (config->embeddings_url.size == 0 || config->embeddings_model.size > 0)
        return true;
    return fault_set(fault, FAULT_SETUP,
                     "[embeddings] url needs a model as well: MANYHANDS_EMBEDDINGS_MODEL or "
                     "[embeddings] model");
}

bool config_load(struct arena *arena, const char *path, int *argc, char **argv,
                 struct config *config, struct fault *fault)
{
    struct fault own = { .kind = FAULT_NONE };
    struct loading l = { .arena = arena, .config = config, .fault = &own, .path = path };
    *config = (struct config){ 0 };
    for (size_t i = 0; i < SETTING_COUNT; i++)
        check(setting_set(arena, &settings[i], str_from(settings[i].initial), config, "default",
                          NULL));
    if ((path == NULL || file_load(&l)) && environment_load(&l) &&
        (argc == NULL || arguments_load(&l, argc, argv)) && belongs_together(config, &own))
        return true;
    if (fault != NULL)
        *fault = own;
    return false;
}

struct str config_example(struct arena *arena)
{
    struct buf out = { .arena = arena };
    buf_add(&out, S("; Configuration of Manyhands; every line shows the default.\n"
                    "; [section] key can also be given as MANYHANDS_SECTION_KEY or --section-key.\n"
                    "; A semicolon after a space begins a comment.\n"));
    const char *section = "";
    for (const struct setting *s = settings; s < settings + SETTING_COUNT; s++) {
        if (strcmp(section, s->section) != 0)
            buf_printf(&out, "\n[%s]\n", s->section);
        section = s->section;
        buf_printf(&out, "; %s", s->help);
        if (s->type == SETTING_INT)
            buf_printf(&out, " (%lld to %lld)", (long long)s->min, (long long)s->max);
        buf_printf(&out, "\n%s =%s%s\n", s->key, s->initial[0] == '\0' ? "" : " ", s->initial);
    }
    return buf_str(&out);
}
