/* Links in and out: how they are signed, and when they hold. */
#include "panel_inner.h"

#include <sodium.h>

#include "base/id.h"
#include "platform/clock/clock.h"

enum { SECRET_BYTES = 32, SIGNATURE_SIZE = 43, WORKER_MAX = 64, RETURN_BYTES_MAX = 500 };
static const int64_t second_us = 1000000;

static struct str base64(struct arena *arena, const unsigned char *bytes, size_t size)
{
    size_t room = sodium_base64_encoded_len(size, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    char *text = arena_take(arena, room);
    sodium_bin2base64(text, room, bytes, size, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return str_from(text);
}

struct str panel_secret_make(struct arena *arena)
{
    unsigned char bytes[SECRET_BYTES];
    random_bytes(bytes, sizeof bytes);
    return str_join(arena, S("panel_"), base64(arena, bytes, sizeof bytes));
}

struct str panel_sign(struct arena *arena, struct str secret, const struct str *lines, size_t count)
{
    unsigned char mac[crypto_auth_hmacsha256_BYTES];
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, (const unsigned char *)secret.data, secret.size);
    for (size_t i = 0; i < count; i++) {
        crypto_auth_hmacsha256_update(&state, (const unsigned char *)lines[i].data, lines[i].size);
        crypto_auth_hmacsha256_update(&state, (const unsigned char *)"\n", 1);
    }
    crypto_auth_hmacsha256_final(&state, mac);
    return base64(arena, mac, sizeof mac);
}

bool panel_worker_fits(struct str worker)
{
    for (size_t i = 0; i < worker.size; i++) {
        char c = worker.data[i];
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!is_letter && c != '-' && c != '_' && c != '.' && c != ':')
            return false;
    }
    return worker.size > 0 && worker.size <= WORKER_MAX;
}

enum panel_verdict panel_judge_link(struct arena *arena, struct str secret,
                                    const struct panel_link *link, int64_t now)
{
    const struct str lines[] = {
        S("manyhands-panel-1"), S("enter"),   id_text(arena, link->panel_id.value),
        link->campaign,         link->worker, link->until
    };
    struct str expected = panel_sign(arena, secret, lines, sizeof lines / sizeof lines[0]);
    int64_t until;
    if (link->signature.size != SIGNATURE_SIZE ||
        sodium_memcmp(link->signature.data, expected.data, SIGNATURE_SIZE) != 0 ||
        !str_to_int64(link->until, &until) || until < 0 || !panel_worker_fits(link->worker))
        return PANEL_NOT_SIGNED;
    int64_t left = until - now / second_us;
    return left > 0 && left <= PANEL_AHEAD_SECONDS_MAX ? PANEL_WELCOME : PANEL_RAN_OUT;
}

struct str panel_outcome(const struct campaign_worked *worked)
{
    if (worked->is_stopped)
        return S("screened");
    return worked->answers == 0 && worked->is_over ? S("full") : S("done");
}

struct str panel_judge_return(struct str address)
{
    if (address.size == 0)
        return S("");
    for (size_t i = 0; i < address.size; i++)
        if ((unsigned char)address.data[i] <= ' ' || (unsigned char)address.data[i] >= 0x7f)
            return S("An address holds no spaces and no letters beyond ASCII.");
    bool is_known = str_starts(address, S("https://")) || str_starts(address, S("http://"));
    if (!is_known || address.size < 12 || address.size > RETURN_BYTES_MAX)
        return S("This is no address. It looks like https://panel.example.org/back.");
    if (str_find(address, S("#")) != SIZE_MAX)
        return S("The address may hold no #: what follows it would not reach its server.");
    return S("");
}

struct str panel_return_link(struct arena *arena, struct str address, struct str secret,
                             struct panel_id panel_id, struct campaign_id campaign_id,
                             struct str worker, struct str outcome, int64_t answers,
                             int64_t seconds)
{
    const struct str lines[] = { S("manyhands-panel-1"),
                                 S("return"),
                                 id_text(arena, panel_id.value),
                                 id_text(arena, campaign_id.value),
                                 worker,
                                 outcome,
                                 str_printf(arena, "%lld", (long long)answers),
                                 str_printf(arena, "%lld", (long long)seconds) };
    static const char *const names[] = { NULL,     NULL,      "panel",   "campaign",
                                         "worker", "outcome", "answers", "at" };
    struct buf out = { .arena = arena };
    if (address.size == 0)
        return S("");
    buf_add(&out, address);
    char between = str_find(address, S("?")) == SIZE_MAX ? '?' : '&';
    for (size_t i = 2; i < sizeof lines / sizeof lines[0]; i++) {
        buf_printf(&out, "%c%s=", between, names[i]);
        html_url_part(&out, lines[i]);
        between = '&';
    }
    buf_add(&out, S("&signature="));
    buf_add(&out, panel_sign(arena, secret, lines, sizeof lines / sizeof lines[0]));
    return buf_str(&out);
}
