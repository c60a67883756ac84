// Package sqlstore keeps the records of package models in an SQL database: SQLite, in one file.
//
// The SQL is written so that PostgreSQL can follow: whatever differs between the two stands in dialect.go. One connection writes, so that
// writers queue in Go and never meet SQLITE_BUSY; a pool of others reads, in WAL mode, beside it. Every commit is synced to the disk
// before it is acknowledged. Rows that are deleted are overwritten.
package sqlstore
