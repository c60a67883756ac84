-- Where each desk was last: the address that somebody logged in from there, or that it was enrolled from. Empty for desks of before.

-- +goose Up
ALTER TABLE desks ADD COLUMN origin TEXT NOT NULL DEFAULT '';
