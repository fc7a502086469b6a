// Package sheet writes tables for spreadsheets row by row: what was written is not kept,
// however long the table is.
package sheet

import (
	"encoding/csv"
	"io"
	"strings"
)

// Writer writes one table.
type Writer interface {
	// Row writes the next row; all cells are texts.
	Row(cells []string) error
	// Flush hands on what is complete so far.
	Flush() error
	// Close ends the table. Without it a reader sees that something is missing, but for CSV,
	// which has no end.
	Close() error
}

// bom tells spreadsheets that a CSV file is UTF-8.
const bom = "\ufeff"

// CSV writes as RFC 4180 says, in UTF-8, with a byte order mark if asked. Spreadsheets take
// what begins like a formula for one: such cells get an apostrophe in front.
func CSV(w io.Writer, mark bool) (Writer, error) {
	if mark {
		if _, err := io.WriteString(w, bom); err != nil {
			return nil, err
		}
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	return &commas{out: out}, nil
}

type commas struct{ out *csv.Writer }

func (c *commas) Row(cells []string) error {
	safe := make([]string, len(cells))
	for i, cell := range cells {
		safe[i] = Defused(cell)
	}
	return c.out.Write(safe)
}

func (c *commas) Flush() error {
	c.out.Flush()
	return c.out.Error()
}

func (c *commas) Close() error { return c.Flush() }

// Defused is the cell as no spreadsheet computes it.
func Defused(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}
