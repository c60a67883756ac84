package main

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"visavis/models"
	"visavis/models/audit"
	"visavis/models/sqlstore"
)

// events STATE N adds events as a server does.
func addEvents(ts *testscript.TestScript, _ bool, args []string) {
	s, err := sqlstore.Open(context.Background(), filepath.Join(ts.MkAbs(args[0]), databaseFile))
	ts.Check(err)
	defer func() { _ = s.Close() }()
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	for i := range n {
		ts.Check(s.AddAudit(context.Background(), models.AuditEvent{
			At: time.UnixMilli(int64(i)), Event: "login.face", Outcome: "denied", Account: models.AccountID{1}, Detail: "try " + strconv.Itoa(i+1),
		}))
	}
}

// copy STATE OTHER copies a state folder that nobody has open.
func copyState(ts *testscript.TestScript, _ bool, args []string) {
	from, to := ts.MkAbs(args[0]), ts.MkAbs(args[1])
	names, err := os.ReadDir(from)
	ts.Check(err)
	ts.Check(os.Mkdir(to, 0o700))
	for _, name := range names {
		b, err := os.ReadFile(filepath.Join(from, name.Name()))
		ts.Check(err)
		ts.Check(os.WriteFile(filepath.Join(to, name.Name()), b, 0o600))
	}
}

func openSQL(ts *testscript.TestScript, state string) *sql.DB {
	db, err := sql.Open("sqlite", filepath.Join(ts.MkAbs(state), databaseFile))
	ts.Check(err)
	db.SetMaxOpenConns(1)
	return db
}

// sql STATE STATEMENTS changes the database as whoever can write the file can.
func execSQL(ts *testscript.TestScript, _ bool, args []string) {
	db := openSQL(ts, args[0])
	defer func() { _ = db.Close() }()
	for statement := range strings.SplitSeq(args[1], ";") {
		_, err := db.Exec(statement)
		ts.Check(err)
	}
}

// forge STATE STATEMENTS is sql by somebody who also makes all hashes anew, so that they fit what was changed.
func forgeAudit(ts *testscript.TestScript, neg bool, args []string) {
	execSQL(ts, neg, args)
	s, err := sqlstore.Open(context.Background(), filepath.Join(ts.MkAbs(args[0]), databaseFile))
	ts.Check(err)
	events, err := s.AuditAfter(context.Background(), 0, 1000)
	ts.Check(err)
	ts.Check(s.Close())
	db := openSQL(ts, args[0])
	defer func() { _ = db.Close() }()
	var tree audit.Tree
	for _, e := range events {
		hashes, err := tree.Add(e)
		ts.Check(err)
		var b []byte
		for _, h := range hashes {
			b = append(b, h[:]...)
		}
		_, err = db.Exec(`UPDATE audit SET hashes = $1 WHERE seq = $2`, b, int64(e.Seq))
		ts.Check(err)
	}
}
