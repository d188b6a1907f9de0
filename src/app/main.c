#include "app/app.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "app/commands.h"
#include "base/id.h"
#include "base/log.h"

int complain(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("manyhands: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    return 1;
}

static const struct command *command_named(const char *name)
{
    for (const struct command *c = commands; c->name != NULL; c++)
        if (strcmp(c->name, name) == 0)
            return c;
    return NULL;
}

static void print_usage(FILE *out)
{
    fputs("Usage: manyhands [--config FILE] [--SECTION-KEY VALUE]... COMMAND [ARGUMENT]...\n\n",
          out);
    for (const struct command *c = commands; c->name != NULL; c++)
        fprintf(out, "  %-9s %s\n", c->name, c->summary);
    fputs("\n`manyhands COMMAND --help` tells more; `manyhands doctor --print-config` shows every\n"
          "setting. A setting is also taken from the environment: MANYHANDS_SECTION_KEY.\n",
          out);
}

/* Takes `--config FILE` or `--config=FILE` out of the arguments. */
static const char *take_config(int *argc, char **argv)
{
    const char *path = NULL;
    int kept = 1;
    for (int i = 1; i < *argc; i++) {
        if (strcmp(argv[i], "--config") == 0 && i + 1 < *argc)
            path = argv[++i];
        else if (strncmp(argv[i], "--config=", 9) == 0)
            path = argv[i] + 9;
        else
            argv[kept++] = argv[i];
    }
    *argc = kept;
    argv[kept] = NULL;
    return path;
}

static void set_log_level(struct str level)
{
    static const char *const names[] = { "debug", "info", "warn", "error" };
    for (int i = 0; i < 4; i++)
        if (str_equal(level, str_from(names[i])))
            log_set_level((enum log_level)i);
}

int main(int argc, char **argv)
{
    if (sodium_init() < 0)
        return complain("the cryptographic library does not start");
    struct arena *arena = arena_make();
    const char *path = take_config(&argc, argv);
    struct config config;
    struct fault fault = { 0 };
    if (!config_load(arena, path, &argc, argv, &config, &fault))
        return complain("%s", fault.detail) + 1;
    set_log_level(config.log_level);
    id_set_node((unsigned)config.node);

    const struct command *command = argc > 1 ? command_named(argv[1]) : NULL;
    int status;
    if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0)) {
        print_usage(stdout);
        status = 0;
    } else if (argc > 1 && strcmp(argv[1], "--version") == 0) {
        puts("manyhands " MANYHANDS_VERSION);
        status = 0;
    } else if (command == NULL) {
        print_usage(stderr);
        status = 2;
    } else if (argc > 2 && strcmp(argv[2], "--help") == 0) {
        printf("Usage: manyhands %s %s\n\n%s", command->name, command->arguments, command->help);
        status = 0;
    } else if (argc > 2 && strcmp(argv[2], "--man") == 0) {
        print_man_page(command);
        status = 0;
    } else {
        struct invocation in = { arena, &config, argc - 2, argv + 2 };
        status = command->run(&in);
    }
    arena_free(arena);
    return status;
}
