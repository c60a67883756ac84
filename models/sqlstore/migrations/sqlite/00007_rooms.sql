-- When a message's time is over, 0 for never, and whether it is: then its body says only what it was. What members asked the others for: the ids of
-- generations, 32 bytes each. Boxes that a member sealed to another after the generation was made.

-- +goose Up
ALTER TABLE entries ADD COLUMN ends INTEGER NOT NULL DEFAULT 0;
ALTER TABLE entries ADD COLUMN gone INTEGER NOT NULL DEFAULT 0 CHECK (gone BETWEEN 0 AND 1);
CREATE INDEX entries_by_end ON entries (ends) WHERE ends > 0 AND gone = 0;

CREATE TABLE asks (
    room        BLOB    NOT NULL CHECK (length(room) = 16),
    account     BLOB    NOT NULL CHECK (length(account) = 16),
    generations BLOB    NOT NULL CHECK (length(generations) % 32 = 0),
    waiting     INTEGER NOT NULL CHECK (waiting BETWEEN 0 AND 1),
    PRIMARY KEY (room, account)
) STRICT;
CREATE INDEX asks_by_account ON asks (account);

CREATE TABLE given (
    room       BLOB NOT NULL CHECK (length(room) = 16),
    generation BLOB NOT NULL CHECK (length(generation) = 32),
    account    BLOB NOT NULL CHECK (length(account) = 16),
    key        BLOB NOT NULL CHECK (length(key) = 32),
    giver      BLOB NOT NULL CHECK (length(giver) = 16),
    body       BLOB NOT NULL,
    PRIMARY KEY (room, generation, account, key, giver)
) STRICT;
CREATE INDEX given_by_account ON given (account);
