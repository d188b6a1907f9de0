/* Who sent this: cookies, bearer tokens, whether a form came from a page of ours, who may watch.
 *
 * A form posted with a session carries web_csrf(). Without a session there is nothing to forge but
 * a sign-in; there the browser's word for where the form came from must be our own host. */
#include "base/check.h"
#include "platform/clock/clock.h"
#include "platform/config/config.h"
#include "platform/web/visit.h"
#include <inttypes.h>
#include <sodium.h>

enum { NOTICE_SECONDS = 120, NOTICE_POINTS_MAX = 300, TOKEN_SIZE_MAX = 200 };

static struct str public_url(const struct visit *v)
{
    return v->site->config == NULL ? (struct str){ 0 } : v->site->config->server_public_url;
}

/* The __Host- names bind a cookie to this host and to https; plain http cannot set them. */
static bool is_secure(const struct visit *v)
{
    return v->http->secure || str_starts(public_url(v), S("https://"));
}

static struct str session_name(const struct visit *v)
{
    return is_secure(v) ? S("__Host-session") : S("session");
}

static struct str notice_name(const struct visit *v)
{
    return is_secure(v) ? S("__Host-notice") : S("notice");
}

static bool same_secret(struct str a, struct str b)
{
    return a.size == b.size && sodium_memcmp(a.data, b.data, a.size) == 0;
}

/* --- Reading ---------------------------------------------------------------------------------- */

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Undoes html_url_part; a notice somebody else made up may be anything, so what is odd is left out.
 */
static struct str notice_text(struct arena *arena, struct str cookie)
{
    struct buf out = { .arena = arena };
    for (size_t i = 0; i < cookie.size; i++) {
        if (cookie.data[i] != '%') {
            buf_char(&out, cookie.data[i]);
        } else if (i + 2 < cookie.size) {
            int high = hex_value(cookie.data[i + 1]), low = hex_value(cookie.data[i + 2]);
            if (high >= 0 && low >= 0)
                buf_char(&out, (char)(high * 16 + low));
            i += 2;
        }
    }
    struct str text = buf_str(&out);
    return utf8_valid(text) ? utf8_clip(text, NOTICE_POINTS_MAX) : (struct str){ 0 };
}

static struct str clipped_token(struct str token)
{
    return token.size > TOKEN_SIZE_MAX ? (struct str){ 0 } : token;
}

static struct str bearer_sent(struct visit *v)
{
    struct str value = http_header(v->x, S("authorization"));
    bool is_bearer = str_equal_nocase(str_slice(value, 0, 7), S("Bearer "));
    return is_bearer ? clipped_token(str_trim(str_slice(value, 7, SIZE_MAX))) : (struct str){ 0 };
}

void credentials_read(struct visit *v)
{
    if (v->r.format == FORMAT_JSON) {
        v->bearer = bearer_sent(v);
        return;
    }
    v->session = clipped_token(http_cookie(v->x, session_name(v)));
    struct str notice = http_cookie(v->x, notice_name(v));
    if (notice.size > 0)
        v->notice = notice_text(v->r.arena, notice);
}

/* --- Programs that watch the server ----------------------------------------------------------- */

bool address_is_loopback(struct str address)
{
    return str_starts(address, S("127.")) || str_equal(address, S("::1"));
}

/* Whatever a proxy adds says that somebody else asks through it, be it believed or not: a proxy
   that was forgotten in the configuration must not open what is for this machine. */
static bool is_forwarded(struct visit *v)
{
    static const char *const marks[] = { "forwarded",         "via",
                                         "x-forwarded-for",   "x-forwarded-host",
                                         "x-forwarded-proto", "x-real-ip" };
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
        if (http_header(v->x, str_from(marks[i])).size > 0)
            return true;
    return false;
}

bool may_watch(struct visit *v)
{
    const struct config *config = v->site->config;
    if (config != NULL && config->server_metrics_token.size > 0)
        return same_secret(bearer_sent(v), config->server_metrics_token);
    return address_is_loopback(v->http->address) && !is_forwarded(v);
}

/* --- Cookies ---------------------------------------------------------------------------------- */

static struct str cookie(struct visit *v, struct str name, struct str value, int64_t seconds)
{
    return str_printf(v->r.arena,
                      "%.*s=%.*s; Path=/; Max-Age=%" PRId64 "; HttpOnly; SameSite=Lax%s",
                      STR_ARG(name), STR_ARG(value), seconds, is_secure(v) ? "; Secure" : "");
}

struct str web_session_cookie(struct request *r, struct str token, int64_t seconds)
{
    check(r->visit != NULL);
    return cookie(r->visit, session_name(r->visit), token, token.size == 0 ? 0 : seconds);
}

struct str notice_cookie(struct visit *v, struct str notice)
{
    struct buf value = { .arena = v->r.arena };
    html_url_part(&value, utf8_clip(notice, NOTICE_POINTS_MAX));
    return cookie(v, notice_name(v), buf_str(&value), notice.size == 0 ? 0 : NOTICE_SECONDS);
}

/* --- Forgery ---------------------------------------------------------------------------------- */

struct str web_csrf(struct request *r)
{
    struct visit *v = r->visit;
    if (v == NULL || v->session.size == 0)
        return (struct str){ 0 };
    if (v->csrf.size > 0)
        return v->csrf;
    static const char purpose[] = "form of manyhands";
    unsigned char mac[crypto_auth_hmacsha256_BYTES];
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, (const unsigned char *)v->session.data, v->session.size);
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)purpose, sizeof purpose - 1);
    crypto_auth_hmacsha256_final(&state, mac);
    char *text = arena_take(r->arena, CSRF_SIZE + 1);
    sodium_bin2base64(text, CSRF_SIZE + 1, mac, sizeof mac,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    v->csrf = (struct str){ text, CSRF_SIZE };
    return v->csrf;
}

static bool token_holds(struct visit *v)
{
    struct str expected = web_csrf(&v->r);
    for (size_t i = 0; i < v->http->form_count; i++) {
        const struct http_field *field = &v->http->form[i];
        if (str_equal(field->name, S("csrf")))
            return same_secret(field->value, expected);
    }
    return false;
}

/* Behind a proxy that ends TLS we may not know the scheme. */
static bool origin_is_ours(struct visit *v)
{
    struct str origin = http_header(v->x, S("origin"));
    if (origin.size > 0) {
        struct str host = str_url_host(origin);
        return host.size > 0 && (str_equal_nocase(host, http_header(v->x, S("host"))) ||
                                 str_equal_nocase(host, str_url_host(public_url(v))));
    }
    struct str site = http_header(v->x, S("sec-fetch-site"));
    return str_equal(site, S("same-origin")) || str_equal(site, S("none"));
}

enum form_origin form_origin(struct visit *v)
{
    if (v->session.size > 0 && token_holds(v))
        return FORM_OURS;
    if (!origin_is_ours(v))
        return FORM_FORGED;
    return v->session.size > 0 ? FORM_STALE : FORM_OURS;
}
