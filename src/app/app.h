/* The program: configuration, wiring of the rooms, command line. */
#pragma once
#include "base/arena.h"
#include "base/fault.h"
#include "platform/config/config.h"
#include "platform/web/web.h"

/* What every subcommand is given: its arguments without the program's and its own name, and the
   configuration. Returns the exit status: 0 done, 1 not done (reason on stderr), 2 wrong usage. */
struct invocation {
    struct arena *arena;
    const struct config *config;
    int argc;
    char **argv;
};

int run_serve(struct invocation *in);
int run_setup(struct invocation *in);
int run_import(struct invocation *in);
int run_infer(struct invocation *in);
int run_export(struct invocation *in);
int run_verify(struct invocation *in);
int run_migrate(struct invocation *in);
int run_ledger(struct invocation *in);
int run_rebuild(struct invocation *in);
int run_doctor(struct invocation *in);
int run_groups(struct invocation *in);
int run_rank(struct invocation *in);
int run_similar(struct invocation *in);
int run_themes(struct invocation *in);

/* Says a sentence on stderr, "manyhands: …", and returns 1. */
int complain(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Opens the configured database; NULL after a complaint. `migrated`: also refuse one whose schema
   is not this program's. */
struct sql_store *open_store(const struct config *config, bool migrated);
/* Runs work in a transaction; 0 when it was kept, 1 when the work dropped it (and has said why) or
   the database failed (after a complaint). */
int keep_work(struct sql_store *store, bool (*run)(struct sql *db, void *context), void *context);
/* The whole content of a file, at most `size_max` bytes; false after a complaint. "-" reads stdin.
 */
bool read_file(struct arena *arena, const char *path, size_t size_max, struct str *content);

/* --- Wiring (wiring.c) ------------------------------------------------------------------------ */

extern const struct web_hooks app_hooks;
/* Starts the periodic jobs of all rooms; `site` outlives them. */
struct job_runner *app_start_jobs(struct site *site);

/* --- Permissions (permissions.c) -------------------------------------------------------------- */

/* Who may use a permission, by role; data, so that it can be listed and tested. */
struct permission {
    const char *name;
    bool nobody, participant, moderator, manager, owner;
    bool guest; /* who came through a panel; "participate" in one campaign only */
    const char *meaning;
};
extern const struct permission permissions[]; /* ends with a NULL name */
const struct permission *permission_named(const char *name);
