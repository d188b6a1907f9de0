/* One question to the service. */
#include "embedding_inner.h"

#include "base/arena.h"
#include "platform/fetch/fetch.h"

enum {
    CONNECT_MS_MAX = 5000,
    ASK_MS_MAX = 60000, /* a service on the same machine may load its model first */
    BODY_BYTES_MAX = 16 * 1024 * 1024,
};

static bool is_refusal(int status)
{
    return status == 400 || status == 413 || status == 422;
}

enum embedding_outcome embedding_ask(struct arena *arena, const struct config *config,
                                     const _Atomic bool *stop, const struct str *texts,
                                     size_t count, size_t dimensions,
                                     struct embedding_vectors *vectors, struct str *trouble)
{
    struct fetch_header authorization = {
        "authorization", str_printf(arena, "Bearer %.*s", STR_ARG(config->embeddings_key))
    };
    /* Whoever runs the server names the address: it may be theirs. */
    struct fetch_rules rules = { .allow_http = true, .allow_private = true };
    struct fetch_request request = {
        .url = config->embeddings_url,
        .is_post = true,
        .content_type = S("application/json"),
        .body = embedding_question(arena, config->embeddings_model, config->embeddings_dimensions,
                                   texts, count),
        .headers = &authorization,
        .header_count = config->embeddings_key.size > 0,
        .answer_bytes_max = BODY_BYTES_MAX,
        .connect_ms_max = CONNECT_MS_MAX,
        .time_ms_max = ASK_MS_MAX,
        .stop = stop,
    };
    struct fetch_answer answer = fetch(arena, &rules, &request);
    if (answer.outcome == FETCH_STOPPED)
        return EMBEDDING_STOPPED;
    *trouble = answer.trouble;
    if (answer.outcome != FETCH_ANSWERED)
        return EMBEDDING_FAILED;
    if (answer.status != 200) {
        *trouble = str_printf(arena, "It answered with status %d.", answer.status);
        return is_refusal(answer.status) ? EMBEDDING_REFUSED : EMBEDDING_FAILED;
    }
    if (answer.is_cut) {
        *trouble = S("Its answer did not end within a minute and 16 MB.");
        return EMBEDDING_FAILED;
    }
    return embedding_read_answer(arena, answer.body, count, dimensions, vectors, trouble)
               ? EMBEDDING_MADE
               : EMBEDDING_FAILED;
}
