#include "base/arena.h"
#include "platform/mail/mail_inner.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

enum { CONNECT_SECONDS_MAX = 10, TALK_SECONDS_MAX = 20 };

struct talk {
    struct str unsent;
    bool body_begun;       /* the server said yes to sender and recipient */
    char last_answer[200]; /* the server's last line */
};

static size_t body_give(char *to, size_t size, size_t count, void *context)
{
    struct talk *talk = context;
    size_t room = size * count, given = talk->unsent.size < room ? talk->unsent.size : room;
    talk->body_begun = true;
    if (given > 0)
        memcpy(to, talk->unsent.data, given);
    talk->unsent = str_slice(talk->unsent, given, talk->unsent.size);
    return given;
}

static size_t answer_take(char *line, size_t size, size_t count, void *context)
{
    struct talk *talk = context;
    struct str answer = str_trim((struct str){ line, size * count });
    if (str_starts(answer, S("221"))) /* the farewell says nothing about the mail */
        return size * count;
    if (!utf8_valid(answer))
        answer = S("(an answer that is not UTF-8)");
    answer = utf8_clip(answer, sizeof talk->last_answer / 4 - 1);
    snprintf(talk->last_answer, sizeof talk->last_answer, "%.*s", STR_ARG(answer));
    return size * count;
}

/* What the server thinks of the mail, apart from what keeps us from asking it. A 5xx to greeting or
   login is about the installation; the same mail may pass when that is repaired. */
static enum mail_outcome outcome_of(CURLcode result, long code, const struct talk *talk)
{
    if (result == CURLE_OK)
        return MAIL_SENT;
    bool about_mail = result == CURLE_SEND_ERROR || talk->body_begun;
    if (about_mail && code >= 500 && code <= 599)
        return MAIL_REFUSED;
    if (about_mail && code >= 400 && code <= 499 && code != 421)
        return MAIL_POSTPONED;
    return MAIL_NO_SERVER;
}

static bool is_loopback(const char *url)
{
    bool loopback = false;
    char *host = NULL;
    CURLU *parsed = curl_url();
    if (parsed != NULL && curl_url_set(parsed, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME) == 0 &&
        curl_url_get(parsed, CURLUPART_HOST, &host, 0) == 0)
        loopback = strcmp(host, "localhost") == 0 || strcmp(host, "127.0.0.1") == 0 ||
                   strcmp(host, "[::1]") == 0;
    curl_free(host);
    curl_url_cleanup(parsed);
    return loopback;
}

static void options_set(CURL *curl, const char *url, const char *user, const char *password,
                        struct talk *talk)
{
    /* TLS is used when it is offered; with a password it must be, except on this machine. */
    long tls = user[0] != '\0' && !is_loopback(url) ? CURLUSESSL_ALL : CURLUSESSL_TRY;
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_USE_SSL, tls);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS_MAX);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)TALK_SECONDS_MAX);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    if (user[0] != '\0') {
        curl_easy_setopt(curl, CURLOPT_USERNAME, user);
        curl_easy_setopt(curl, CURLOPT_PASSWORD, password);
    }
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, body_give);
    curl_easy_setopt(curl, CURLOPT_READDATA, talk);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, answer_take);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, talk);
}

static void curl_prepare(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

static struct mail_answer talk_over(CURL *curl, struct talk *talk, struct arena *arena,
                                    struct str from, struct str to)
{
    char error[CURL_ERROR_SIZE] = "";
    struct curl_slist *recipients = curl_slist_append(NULL, str_c(arena, to));
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, error);
    curl_easy_setopt(curl, CURLOPT_MAIL_FROM, str_c(arena, mail_from_address(from)));
    curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, recipients);
    CURLcode result = curl_easy_perform(curl);
    long code = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &code);
    struct mail_answer answer = { .outcome = outcome_of(result, code, talk) };
    const char *own = error[0] != '\0' ? error : curl_easy_strerror(result);
    bool tell_own = answer.outcome == MAIL_NO_SERVER || talk->last_answer[0] == '\0';
    snprintf(answer.text, sizeof answer.text, "%.*s", (int)sizeof answer.text - 1,
             tell_own ? own : talk->last_answer);
    curl_slist_free_all(recipients);
    return answer;
}

struct mail_answer mail_deliver(struct str smtp_url, struct str user, struct str password,
                                struct str from, struct str to, struct str message)
{
    static pthread_once_t prepared = PTHREAD_ONCE_INIT;
    pthread_once(&prepared, curl_prepare);
    CURL *curl = curl_easy_init();
    if (curl == NULL)
        return (struct mail_answer){ .outcome = MAIL_NO_SERVER, .text = "libcurl cannot start" };
    struct arena *arena = arena_make();
    struct talk talk = { .unsent = message };
    options_set(curl, str_c(arena, smtp_url), str_c(arena, user), str_c(arena, password), &talk);
    struct mail_answer answer = talk_over(curl, &talk, arena, from, to);
    curl_easy_cleanup(curl);
    arena_free(arena);
    return answer;
}

bool mail_send(struct str smtp_url, struct str user, struct str password, struct str from,
               struct str to, struct str message, struct fault *fault)
{
    struct mail_answer answer = mail_deliver(smtp_url, user, password, from, to, message);
    if (answer.outcome == MAIL_SENT)
        return true;
    enum fault_kind kind = answer.outcome == MAIL_REFUSED ? FAULT_REFUSED : FAULT_UNAVAILABLE;
    return fault_set(fault, kind, "mail server: %s", answer.text);
}
