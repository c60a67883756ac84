-- The hashes of the audit log's tree that an event completes, 32 bytes each, its leaf's first; and the log's one row: how far it goes.

-- +goose Up
ALTER TABLE audit ADD COLUMN hashes BLOB NOT NULL DEFAULT x'';

CREATE TABLE audit_log (
    only INTEGER NOT NULL PRIMARY KEY CHECK (only = 1),
    size INTEGER NOT NULL CHECK (size >= 0)
) STRICT;
INSERT INTO audit_log (only, size) SELECT 1, COALESCE(MAX(seq), 0) FROM audit;
