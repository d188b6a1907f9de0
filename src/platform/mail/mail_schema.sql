-- Mails to be sent, and for a while what became of them. The words are dropped once a mail is sent:
-- they hold sign-in links.
CREATE TABLE mail (
    mail_id         BIGINT NOT NULL PRIMARY KEY,
    mail_state      TEXT NOT NULL,          -- 'waiting', 'sent', 'failed'
    recipient       TEXT NOT NULL,
    recipient_key   TEXT NOT NULL,          -- lower case: one person's mails, however typed
    mail_subject    TEXT NOT NULL,
    mail_text       TEXT NOT NULL,
    unsubscribe_url TEXT NOT NULL,          -- or ''
    tries           BIGINT NOT NULL,
    next_try_at     BIGINT NOT NULL,        -- 0: never again
    finished_at     BIGINT NOT NULL,        -- when it was sent or given up
    last_answer     TEXT NOT NULL,          -- of the mail server, or why there was none
    created_at      BIGINT NOT NULL
);
CREATE INDEX mail_due ON mail (mail_state, next_try_at);
CREATE INDEX mail_by_state ON mail (mail_state, mail_id);
CREATE INDEX mail_by_recipient ON mail (recipient_key);
