-- +goose Up
-- Admins' one-time codes: what was signed of them.
CREATE TABLE codes (
    account    BLOB    NOT NULL CHECK (length(account) = 16) REFERENCES users (id) ON DELETE CASCADE,
    desk       BLOB    NOT NULL CHECK (length(desk) = 16),
    grant_body BLOB    NOT NULL CHECK (length(grant_body) > 0),
    tries      INTEGER NOT NULL CHECK (tries > 0),
    until      INTEGER NOT NULL,
    PRIMARY KEY (account, desk)
) STRICT;

-- Leave to sign up anew for an account. From email on empty until somebody did.
CREATE TABLE renewals (
    account    BLOB    NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    author     BLOB    NOT NULL CHECK (length(author) = 16),
    until      INTEGER NOT NULL,
    email      TEXT    NOT NULL DEFAULT '',
    record     BLOB    NOT NULL DEFAULT x'',
    suite      INTEGER NOT NULL DEFAULT 0,
    bundle     BLOB    NOT NULL DEFAULT x'',
    template   BLOB    NOT NULL DEFAULT x'',
    vault      BLOB    NOT NULL DEFAULT x'',
    consent_at INTEGER NOT NULL DEFAULT 0,
    consent    BLOB    NOT NULL DEFAULT x'0000000000000000000000000000000000000000000000000000000000000000' CHECK (length(consent) = 32),
    desk       BLOB    NOT NULL DEFAULT x'00000000000000000000000000000000' CHECK (length(desk) = 16),
    created_at INTEGER NOT NULL DEFAULT 0
) STRICT;
