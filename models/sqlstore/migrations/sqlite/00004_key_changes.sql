-- What accounts ask to have in place of their keys, one row an account, until an admin has signed it.

-- +goose Up
CREATE TABLE key_changes (
    account BLOB    NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE CHECK (length(account) = 16),
    bundle  BLOB    NOT NULL CHECK (length(bundle) > 0),
    known   INTEGER NOT NULL CHECK (known BETWEEN 0 AND 1),
    at      INTEGER NOT NULL
) STRICT;
