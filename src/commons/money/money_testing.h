/* What this room's tests of the ledger share: a fresh database for each, and one campaign. */
#pragma once
#include "platform/sql/sql_testing.h"

#include "money_inner.h"

#include "base/base_testing.h"

static const int64_t now = INT64_C(1700000000000000);
static const struct campaign_id campaign = { 77 };
static const struct person_id ann = { 501 }, ben = { 502 };

static inline int begin(void **state, int (*trial_begin)(void **))
{
    if (trial_begin == trial_begin_postgres && trial_postgres_url() == NULL)
        return 0;
    struct fault fault = { 0 };
    if (trial_begin(state) != 0)
        return 1;
    struct trial *t = *state;
    if (!sql_run_schema(t->store, str_from(sql_schema_text), &fault))
        fail_msg("%s", fault.detail);
    return 0;
}

static inline int begin_sqlite(void **state)
{
    return begin(state, trial_begin_sqlite);
}

static inline int begin_postgres(void **state)
{
    return begin(state, trial_begin_postgres);
}

static inline int end(void **state)
{
    return *state == NULL ? 0 : trial_end(state);
}

static inline struct trial *trial_of(void **state)
{
    if (*state == NULL)
        skip();
    return *state;
}

static inline struct ledger_entry entry(int64_t about)
{
    return (struct ledger_entry){ .campaign_id = campaign, .about_id = about, .actor = S("owner") };
}

static inline void assert_balance(struct sql *db, enum ledger_account account,
                                  struct person_id person, int64_t expected)
{
    assert_int_equal(ledger_balance_of(db, campaign, account, person), expected);
}

/* For cmocka: a test on SQLite, and on PostgreSQL if there is one. */
#define ON_BOTH(test)                                                                              \
    { #test, test, begin_sqlite, end, NULL },                                                      \
    {                                                                                              \
        "postgres_" #test, test, begin_postgres, end, NULL                                         \
    }
