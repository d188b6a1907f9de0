/* What the files of this room share. */
#pragma once
#include "commons/panel/panel.h"
#include "panel.sql.h"
#include "panel_routes.h"

#define PANEL_AHEAD_SECONDS_MAX (INT64_C(31) * 86400)

/* --- Rules: pure (panel_rules.c) -------------------------------------------------------------- */

/* "panel_" and 32 random bytes in base 64 for URLs. */
struct str panel_secret_make(struct arena *arena);
/* HMAC-SHA-256 over the lines, each ended by a line feed, in base 64 for URLs, 43 characters. */
struct str panel_sign(struct arena *arena, struct str secret, const struct str *lines,
                      size_t count);

/* A link in, as it came. */
struct panel_link {
    struct panel_id panel_id;
    struct str campaign, worker, until, signature;
};
enum panel_verdict { PANEL_WELCOME, PANEL_NOT_SIGNED, PANEL_RAN_OUT };
/* Whether a link holds at `now`. */
enum panel_verdict panel_judge_link(struct arena *arena, struct str secret,
                                    const struct panel_link *link, int64_t now);
/* 1 to 64 letters, digits, - _ . and :, so that nobody sends addresses. */
bool panel_worker_fits(struct str worker);
/* "done", "screened" or "full". */
struct str panel_outcome(const struct campaign_worked *worked);
/* "" or what is wrong with an address to go back to. */
struct str panel_judge_return(struct str address);
/* The address with what became of a worker and our signature added; "" for "". */
struct str panel_return_link(struct arena *arena, struct str address, struct str secret,
                             struct panel_id panel_id, struct campaign_id campaign_id,
                             struct str worker, struct str outcome, int64_t answers,
                             int64_t seconds);

/* --- Shared (panel.c) ------------------------------------------------------------------------- */

/* A panel's worker, made when they come for the first time, and let into a campaign. */
struct person_id panel_let_in(struct request *r, struct panel_id panel_id,
                              const struct panel_get_row *panel, struct campaign_id campaign_id,
                              struct str worker);
/* Erases a panel's worker: their words, and the panel's name for them. */
void panel_erase_worker(struct request *r, struct panel_id panel_id, struct person_id person_id);
/* The campaign that people are sent to; "" or why they cannot be. */
struct str panel_find_campaign(struct request *r, const struct panel_get_row *panel,
                               struct str campaign, struct campaign_id *campaign_id,
                               struct panel_campaign_row *row);
