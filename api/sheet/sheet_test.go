package sheet_test

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/api/sheet"
)

func table() [][]string {
	return [][]string{
		{"seq", "at (Asia/Shanghai)", "name"},
		{"9007199254740993", "2027-04-27 15:30:00", "王小明, \"财务\"\nsecond line"},
		{"0012", "", "  <b>&amp; kept </b>  "},
	}
}

func write(t *testing.T, w sheet.Writer, rows [][]string) {
	t.Helper()
	for _, row := range rows {
		require.NoError(t, w.Row(row))
		require.NoError(t, w.Flush())
	}
	require.NoError(t, w.Close())
}

func TestCSVReadsBackCellByCell(t *testing.T) {
	t.Parallel()
	for _, mark := range []bool{false, true} {
		var out bytes.Buffer
		w, err := sheet.CSV(&out, mark)
		require.NoError(t, err)
		write(t, w, table())
		text, marked := strings.CutPrefix(out.String(), "\ufeff")
		assert.Equal(t, mark, marked)
		assert.True(t, strings.HasSuffix(text, "\r\n"), "lines end as RFC 4180 says")
		rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
		require.NoError(t, err)
		assert.Equal(t, table(), rows)
	}
}

func TestCSVComputesNothing(t *testing.T) {
	t.Parallel()
	cells := []string{"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "a=1", "'=1", ""}
	var out bytes.Buffer
	w, err := sheet.CSV(&out, false)
	require.NoError(t, err)
	write(t, w, [][]string{cells})
	for i, cell := range cells {
		want := cell
		if i < 6 {
			want = "'" + cell
		}
		assert.Equal(t, want, sheet.Defused(cell))
	}
	assert.Contains(t, out.String(), "'=1+1,'+1,'-1,'@SUM(A1),")
}

// workbook is what a test reads of a sheet.
type workbook struct {
	Rows []struct {
		Cells []struct {
			Ref  string `xml:"r,attr"`
			Kind string `xml:"t,attr"`
			Text string `xml:"is>t"`
		} `xml:"c"`
	} `xml:"sheetData>row"`
}

func TestXLSXReadsBackCellByCell(t *testing.T) {
	t.Parallel()
	rows := append(table(), []string{"=1+1", "-1", strings.Repeat("x", 40_000)})
	var out bytes.Buffer
	write(t, sheet.XLSX(&out), rows)
	archive, err := zip.NewReader(bytes.NewReader(out.Bytes()), int64(out.Len()))
	require.NoError(t, err)
	parts := map[string][]byte{}
	for _, f := range archive.File {
		r, err := f.Open()
		require.NoError(t, err)
		parts[f.Name], err = io.ReadAll(r)
		require.NoError(t, err)
		assert.NoError(t, xml.Unmarshal(parts[f.Name], &struct{}{}), f.Name)
	}
	for _, name := range []string{"[Content_Types].xml", "_rels/.rels", "xl/workbook.xml", "xl/_rels/workbook.xml.rels"} {
		assert.Contains(t, parts, name)
	}
	var book workbook
	require.NoError(t, xml.Unmarshal(parts["xl/worksheets/sheet1.xml"], &book))
	require.Len(t, book.Rows, len(rows))
	for i, row := range rows {
		require.Len(t, book.Rows[i].Cells, len(row))
		for j, cell := range row {
			got := book.Rows[i].Cells[j]
			assert.Equal(t, "inlineStr", got.Kind)
			assert.Equal(t, cell[:min(len(cell), 32_767)], got.Text)
		}
	}
	assert.Equal(t, "C2", book.Rows[1].Cells[2].Ref)
}

func TestAnEmptyWorkbookIsOne(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, sheet.XLSX(&out).Close())
	archive, err := zip.NewReader(bytes.NewReader(out.Bytes()), int64(out.Len()))
	require.NoError(t, err)
	assert.Len(t, archive.File, 5)
}
