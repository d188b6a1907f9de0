/* What the values of text settings must look like. Pure. */
#pragma once
#include "base/str.h"

bool config_is_filled(struct str value);
bool config_is_listen(struct str value);        /* host:port or [ipv6]:port */
bool config_is_public_url(struct str value);    /* http(s)://host[:port][/path], no slash behind */
bool config_is_metrics_token(struct str value); /* empty, or nothing that could be guessed */
bool config_is_database_url(struct str value); /* sqlite:PATH, postgresql://… or postgres://… */
bool config_is_smtp_url(struct str value);     /* empty, smtp://… or smtps://… */
bool config_is_mail_from(struct str value);    /* address or "Name <address>" */
bool config_is_embeddings_url(struct str value); /* empty, or http(s)://host[:port]/path */
bool config_is_line(struct str value);           /* no control characters */
bool config_is_log_level(struct str value);
