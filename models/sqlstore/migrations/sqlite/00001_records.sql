-- Times are milliseconds since 1970 in UTC, 0 for none. Ids and hashes are blobs of 16 and 32 bytes.

-- +goose Up
CREATE TABLE users (
    id         BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    name       TEXT    NOT NULL UNIQUE,
    email      TEXT    NOT NULL,
    status     INTEGER NOT NULL CHECK (status BETWEEN 1 AND 3),
    record     BLOB    NOT NULL,
    suite      INTEGER NOT NULL,
    bundle     BLOB    NOT NULL,
    template   BLOB    NOT NULL,
    consent_at INTEGER NOT NULL,
    consent    BLOB    NOT NULL CHECK (length(consent) = 32),
    desk       BLOB    NOT NULL CHECK (length(desk) = 16),
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX users_by_status ON users (status, created_at, id);

CREATE TABLE vaults (
    account BLOB    NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    version INTEGER NOT NULL CHECK (version > 0),
    prev    BLOB    NOT NULL CHECK (length(prev) = 32),
    body    BLOB    NOT NULL
) STRICT;

CREATE TABLE invites (
    code       BLOB    NOT NULL PRIMARY KEY CHECK (length(code) = 32),
    author     BLOB    NOT NULL CHECK (length(author) = 16),
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_by    BLOB    NOT NULL CHECK (length(used_by) = 16)
) STRICT;

CREATE TABLE desks (
    id         BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    name       TEXT    NOT NULL,
    status     INTEGER NOT NULL CHECK (status BETWEEN 1 AND 3),
    device_key BLOB    NOT NULL UNIQUE CHECK (length(device_key) = 32),
    tls_key    BLOB    NOT NULL UNIQUE CHECK (length(tls_key) = 32),
    request    BLOB    NOT NULL,
    invite     BLOB    NOT NULL UNIQUE REFERENCES invites (code),
    created_at INTEGER NOT NULL,
    revoked_at INTEGER NOT NULL
) STRICT;

-- One row a room: how far its log goes.
CREATE TABLE logs (
    room BLOB    NOT NULL PRIMARY KEY CHECK (length(room) = 16),
    last INTEGER NOT NULL CHECK (last > 0)
) STRICT;

CREATE TABLE entries (
    room    BLOB    NOT NULL CHECK (length(room) = 16),
    seq     INTEGER NOT NULL CHECK (seq > 0),
    kind    INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 3),
    author  BLOB    NOT NULL CHECK (length(author) = 16),
    message BLOB    NOT NULL CHECK (length(message) = 16),
    body    BLOB    NOT NULL,
    at      INTEGER NOT NULL,
    PRIMARY KEY (room, seq),
    UNIQUE (room, author, message)
) STRICT;

CREATE TABLE boxes (
    room       BLOB NOT NULL CHECK (length(room) = 16),
    generation BLOB NOT NULL CHECK (length(generation) = 32),
    account    BLOB NOT NULL CHECK (length(account) = 16),
    key        BLOB NOT NULL CHECK (length(key) = 32),
    body       BLOB NOT NULL,
    PRIMARY KEY (room, generation, account, key)
) STRICT;
CREATE INDEX boxes_by_account ON boxes (account);

CREATE TABLE attempts (
    kind        INTEGER NOT NULL CHECK (kind > 0),
    subject     TEXT    NOT NULL CHECK (length(subject) > 0),
    in_row      INTEGER NOT NULL,
    in_window   INTEGER NOT NULL,
    total       INTEGER NOT NULL,
    window_from INTEGER NOT NULL,
    last_at     INTEGER NOT NULL,
    PRIMARY KEY (kind, subject)
) STRICT;
CREATE INDEX attempts_by_subject ON attempts (subject);

CREATE TABLE challenges (
    account   BLOB    NOT NULL CHECK (length(account) = 16),
    desk      BLOB    NOT NULL CHECK (length(desk) = 16),
    body      BLOB    NOT NULL,
    issued_at INTEGER NOT NULL,
    PRIMARY KEY (account, desk)
) STRICT;

CREATE TABLE audit (
    seq     INTEGER NOT NULL PRIMARY KEY CHECK (seq > 0),
    at      INTEGER NOT NULL,
    event   TEXT    NOT NULL,
    outcome TEXT    NOT NULL,
    account BLOB    NOT NULL CHECK (length(account) = 16),
    desk    BLOB    NOT NULL CHECK (length(desk) = 16),
    detail  TEXT    NOT NULL
) STRICT;
