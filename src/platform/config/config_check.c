#include "platform/config/config_check.h"

enum { METRICS_TOKEN_LEAST = 16, METRICS_TOKEN_MOST = 200 };

static bool has_space_or_control(struct str value)
{
    for (size_t i = 0; i < value.size; i++)
        if ((unsigned char)value.data[i] <= ' ' || value.data[i] == 0x7F)
            return true;
    return false;
}

static bool has_control(struct str value)
{
    for (size_t i = 0; i < value.size; i++)
        if ((unsigned char)value.data[i] < ' ' || value.data[i] == 0x7F)
            return true;
    return false;
}

/* The rest behind one of two beginnings; false where neither is there or nothing follows. */
static bool follows(struct str value, struct str one, struct str other, struct str *rest)
{
    struct str begin = str_starts(value, one) ? one : other;
    if (!str_starts(value, begin))
        return false;
    *rest = str_slice(value, begin.size, value.size);
    return rest->size > 0 && !has_space_or_control(*rest);
}

bool config_is_filled(struct str value)
{
    return value.size > 0;
}

bool config_is_listen(struct str value)
{
    size_t colon = value.size;
    while (colon > 0 && value.data[colon - 1] != ':')
        colon--;
    if (colon < 2 || has_space_or_control(value))
        return false;
    struct str host = str_slice(value, 0, colon - 1);
    int64_t port;
    if (!str_to_int64(str_slice(value, colon, value.size), &port) || port < 0 || port > 65535)
        return false;
    bool is_bracketed = str_starts(host, S("[")) && str_ends(host, S("]")) && host.size > 2;
    return is_bracketed || str_find(host, S(":")) == SIZE_MAX;
}

bool config_is_public_url(struct str value)
{
    struct str rest;
    return follows(value, S("http://"), S("https://"), &rest) && rest.data[0] != '/' &&
           !str_ends(rest, S("/")) && str_find(rest, S("?")) == SIZE_MAX &&
           str_find(rest, S("#")) == SIZE_MAX && str_find(rest, S("@")) == SIZE_MAX;
}

bool config_is_metrics_token(struct str value)
{
    if (value.size == 0)
        return true;
    return value.size >= METRICS_TOKEN_LEAST && value.size <= METRICS_TOKEN_MOST &&
           !has_space_or_control(value);
}

bool config_is_database_url(struct str value)
{
    struct str rest;
    return (str_starts(value, S("sqlite:")) && value.size > 7) ||
           follows(value, S("postgresql://"), S("postgres://"), &rest);
}

bool config_is_smtp_url(struct str value)
{
    struct str rest;
    return value.size == 0 || follows(value, S("smtp://"), S("smtps://"), &rest);
}

bool config_is_mail_from(struct str value)
{
    size_t open = str_find(value, S("<"));
    struct str address = value;
    if (open != SIZE_MAX) {
        if (!str_ends(value, S(">")))
            return false;
        address = str_slice(value, open + 1, value.size - 1);
    }
    size_t at = str_find(address, S("@"));
    return at != SIZE_MAX && at > 0 && at + 1 < address.size && !has_space_or_control(address) &&
           str_find(address, S("<")) == SIZE_MAX && str_find(address, S(">")) == SIZE_MAX &&
           !has_control(value);
}

bool config_is_embeddings_url(struct str value)
{
    struct str rest;
    return value.size == 0 ||
           (follows(value, S("http://"), S("https://"), &rest) && rest.data[0] != '/' &&
            str_find(rest, S("#")) == SIZE_MAX && str_find(rest, S("@")) == SIZE_MAX);
}

bool config_is_line(struct str value)
{
    return !has_control(value);
}

bool config_is_log_level(struct str value)
{
    return str_equal(value, S("debug")) || str_equal(value, S("info")) ||
           str_equal(value, S("warn")) || str_equal(value, S("error"));
}
