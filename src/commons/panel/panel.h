/* Panels: other houses that send people to work, and know who they are.
 *
 * A panel's worker comes by a link that the panel has signed, without address or password, and is
 * the same person here each time: "Panel worker 17", a guest who may work in the campaign of the
 * link and nowhere else. A program of the panel's gets a token for a worker instead. When they are
 * done, a link signed by us takes them back.
 *
 * Always true:
 *  - Links are signed by HMAC-SHA-256 with the panel's secret; what is signed is written in
 *    docs/guide/panels.md. One that ran out, was changed or is not the panel's lets nobody in.
 *  - A worker is told apart by the panel's own name for them and nothing else; it stands in no file
 *    and on no page of the organisation's.
 *  - What an answer earns belongs to the panel (it pays its people), or to the worker: as the panel
 *    was made, for good.
 */
#pragma once
#include "commons/campaign/campaign.h"

/* Whose the earnings of a person are: the panel's own account if they came from one that pays its
   people; else the person's. */
struct person_id panel_earner(struct sql *db, struct person_id person_id);
/* Whether the person is the panel's own account, which lets workers in. */
bool panel_has_account(struct sql *db, struct panel_id panel_id, struct person_id person_id);
