package sqlstore_test

import (
	"path/filepath"
	"testing"

	"visavis/models"
	"visavis/models/sqlstore"
	"visavis/models/storetest"
)

func create(t *testing.T) *sqlstore.Store {
	t.Helper()
	s, err := sqlstore.Create(t.Context(), filepath.Join(t.TempDir(), "visavis.db"))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) models.Store { return create(t) })
}
