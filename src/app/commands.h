/* The table of subcommands: name, arguments and help stand beside the function that runs. */
#pragma once
#include "app/app.h"

struct command {
    const char *name; /* NULL ends the table */
    const char *arguments;
    const char *summary;
    const char *help;
    int (*run)(struct invocation *in);
};
extern const struct command commands[];

/* Writes a command's man page (section 1) to stdout, made from its help. */
void print_man_page(const struct command *command);

/* The value behind `--name` or after `--name=`; NULL when it is not there. */
const char *option(const struct invocation *in, const char *name);
/* The whole number behind an option, from `least` to `most`; `otherwise` where it is not there.
   False after a complaint. */
bool whole_number(const struct invocation *in, const char *name, int64_t least, int64_t most,
                  int64_t otherwise, int64_t *number);
/* Whether the flag `--name` is there. */
bool flag(const struct invocation *in, const char *name);
/* The n-th argument that is no option (0 is the first); NULL past the end. Options in `with_value`
   (space-separated names) take the argument behind them. */
const char *operand(const struct invocation *in, int n, const char *with_value);
/* False after a complaint when there is an option that `known` (space-separated) does not name. */
bool only_options(const struct invocation *in, const char *known);
