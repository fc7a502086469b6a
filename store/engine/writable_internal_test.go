package engine

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"
)

// fill stores more than pages of the database are left.
func fill(tx *gorm.DB) error {
	return tx.Exec("INSERT INTO texts VALUES (?)", strings.Repeat("x", 1<<20)).Error
}

func TestABusyWriterIsNoDiskWithoutRoom(t *testing.T) {
	t.Parallel()
	e := grouped(t)
	e.group.leading <- struct{}{} // somebody writes, and goes on
	defer func() { <-e.group.leading }()
	require.NoError(t, e.Writable(t.Context(), func(*gorm.DB) error { return errors.New("must not be asked") }))
	left, err := filepath.Glob(filepath.Join(e.folder, ".belfry-room-*"))
	require.NoError(t, err)
	require.Empty(t, left)
}

func TestADatabaseThatIsFullIsNotWritable(t *testing.T) {
	t.Parallel()
	e := grouped(t)
	require.NoError(t, e.Writer.Exec("CREATE TABLE texts (t TEXT)").Error)
	pages := func(most int) { require.NoError(t, e.Writer.Exec("PRAGMA max_page_count = "+strconv.Itoa(most)).Error) }
	pages(20)
	require.NoError(t, e.Writable(t.Context(), fill), "nothing was refused yet, and there is room on the disk")
	require.Error(t, e.Transaction(t.Context(), fill))
	require.Error(t, e.Writable(t.Context(), fill))
	require.Error(t, e.Transaction(t.Context(), func(*gorm.DB) error { return errors.New("the caller's own") }))
	require.Error(t, e.Writable(t.Context(), fill), "what fails otherwise says nothing of room")
	pages(1 << 20)
	require.NoError(t, e.Writable(t.Context(), fill))
	require.NoError(t, e.Writable(t.Context(), func(*gorm.DB) error { return errors.New("must not be asked") }))
}

func TestAFolderThatTakesNoFilesIsNotWritable(t *testing.T) {
	t.Parallel()
	e := grouped(t)
	e.folder = filepath.Join(e.folder, "gone")
	require.ErrorIs(t, e.Writable(t.Context(), fill), os.ErrNotExist)
}
