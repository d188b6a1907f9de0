/* Embeddings: sentences in languages that our encoder does not know, read by a service.
 *
 * The service speaks as OpenAI's or Ollama's do, and is named in the configuration by whoever runs
 * the server. It is asked only for organisations whose owner has agreed, to that host; then the
 * titles and summaries of ideas, and nothing else, are sent to it:
 *
 *     owner agrees ──> campaigns not in English get a reader ──> texts wait ──> asked ──> kept
 *                      (likeness_appoint)                          ↑             │
 *                                                                  └─ rest ──< failed
 *
 * Always true:
 *  - Nobody waits for it: a thread of its own asks, no transaction is open meanwhile, and what it
 *    has not read yet is compared by words.
 *  - One server at a time asks; several texts at once.
 *  - What fails is told on the organisation's page and by `manyhands doctor`, rests, and is tried
 *    again; an answer that is not as long as it should be, or no numbers, is a failure.
 *  - Vectors of two services or models are never compared.
 */
#pragma once
#include "commons/likeness/likeness.h"
#include "platform/config/config.h"
#include "platform/web/web.h"

struct embedder;
/* Starts the thread that asks; NULL when the configuration names no service. */
struct embedder *embedding_start(struct site *site, struct likeness *likeness);
/* Breaks off what is under way (it is asked again), and joins; NULL is allowed. */
void embedding_stop(struct embedder *embedder);

/* Where the texts of a campaign are sent, as "example.org:8080"; "" for nowhere. */
struct str embedding_host_of(struct sql *db, const struct config *config,
                             struct campaign_id campaign_id);
/* What is wrong with the service as configured, a sentence in the arena; "" when nothing. */
struct str embedding_trouble(struct sql *db, struct arena *arena, const struct config *config);
