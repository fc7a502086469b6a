package sheet

import (
	"archive/zip"
	"bufio"
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"

	"belfry.dev/belfry/models/text"
)

// Limits of one sheet. Source: Excel specifications and limits.
const (
	maxRows = 1_048_576
	maxCell = 32_767
)

// Names of parts. Source: ECMA-376, part 2.
const (
	partTypes    = "[Content_Types].xml"
	partRoot     = "_rels/.rels"
	partBook     = "xl/workbook.xml"
	partBookRels = "xl/_rels/workbook.xml.rels"
	prolog       = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	spreadsheet  = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
	document     = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	packaged     = "http://schemas.openxmlformats.org/package/2006/"
	media        = "application/vnd.openxmlformats-officedocument.spreadsheetml."
)

// XLSXType is the media type of workbooks.
const XLSXType = media + "sheet"

// XLSX writes a workbook (ECMA-376) whose cells are all texts: none is computed, and no
// number is rounded. What one sheet cannot hold goes on in the next one, under the same
// first row.
func XLSX(w io.Writer) Writer { return &workbook{zip: zip.NewWriter(w)} }

type workbook struct {
	zip    *zip.Writer
	sheets int
	sheet  *bufio.Writer // the open sheet; nil before the first row
	rows   int           // of the open sheet
	first  []string
}

func (b *workbook) Row(cells []string) error {
	if b.sheet == nil || b.rows == maxRows {
		if err := b.next(cells); err != nil {
			return err
		}
	}
	return b.write(cells)
}

// next opens another sheet; it begins with the first row of all.
func (b *workbook) next(cells []string) error {
	if err := b.end(); err != nil {
		return err
	}
	b.sheets++
	part, err := b.zip.Create(sheetPart(b.sheets))
	if err != nil {
		return err
	}
	b.sheet, b.rows = bufio.NewWriter(part), 0
	if _, err := b.sheet.WriteString(prolog + `<worksheet xmlns="` + spreadsheet + `"><sheetData>`); err != nil {
		return err
	}
	if b.first == nil {
		b.first = append([]string{}, cells...)
		return nil
	}
	return b.write(b.first)
}

func (b *workbook) write(cells []string) error {
	b.rows++
	number := strconv.Itoa(b.rows)
	b.put(`<row r="` + number + `">`)
	for i, cell := range cells {
		b.put(`<c r="` + column(i) + number + `" t="inlineStr"><is><t xml:space="preserve">`)
		if err := xml.EscapeText(b.sheet, []byte(text.Head(cell, maxCell))); err != nil {
			return err
		}
		b.put(`</t></is></c>`)
	}
	_, err := b.sheet.WriteString(`</row>`)
	return err
}

// put leaves the error to the next write that is checked: bufio keeps it.
func (b *workbook) put(text string) { _, _ = b.sheet.WriteString(text) }

// column is the name of the column: A … Z, AA ….
func column(i int) string {
	name := string(rune('A' + i%26))
	for i = i/26 - 1; i >= 0; i = i/26 - 1 {
		name = string(rune('A'+i%26)) + name
	}
	return name
}

func sheetPart(n int) string { return "xl/worksheets/sheet" + strconv.Itoa(n) + ".xml" }

// end completes the open sheet.
func (b *workbook) end() error {
	if b.sheet == nil {
		return nil
	}
	b.put(`</sheetData></worksheet>`)
	return b.sheet.Flush()
}

func (b *workbook) Flush() error {
	if b.sheet == nil {
		return nil
	}
	if err := b.sheet.Flush(); err != nil {
		return err
	}
	return b.zip.Flush()
}

// Close writes the parts that name the sheets: how many there are is known only now.
func (b *workbook) Close() error {
	if b.sheets == 0 {
		if err := b.next([]string{}); err != nil {
			return err
		}
	}
	if err := b.end(); err != nil {
		return err
	}
	var types, sheets, links strings.Builder
	for n := 1; n <= b.sheets; n++ {
		fmt.Fprintf(&types, `<Override PartName="/%s" ContentType="%sworksheet+xml"/>`, sheetPart(n), media)
		fmt.Fprintf(&sheets, `<sheet name="%d" sheetId="%d" r:id="rId%d"/>`, n, n, n)
		fmt.Fprintf(&links, `<Relationship Id="rId%d" Type="%s/worksheet" Target="worksheets/sheet%d.xml"/>`, n, document, n)
	}
	for _, part := range []struct{ name, text string }{
		{partBook, `<workbook xmlns="` + spreadsheet + `" xmlns:r="` + document + `"><sheets>` + sheets.String() + `</sheets></workbook>`},
		{partBookRels, `<Relationships xmlns="` + packaged + `relationships">` + links.String() + `</Relationships>`},
		{partRoot, `<Relationships xmlns="` + packaged + `relationships"><Relationship Id="rId1" Type="` + document + `/officeDocument" Target="` + partBook + `"/></Relationships>`},
		{partTypes, `<Types xmlns="` + packaged + `content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
			`<Default Extension="xml" ContentType="application/xml"/><Override PartName="/` + partBook + `" ContentType="` + media + `sheet.main+xml"/>` + types.String() + `</Types>`},
	} {
		w, err := b.zip.Create(part.name)
		if err != nil {
			return err
		}
		if _, err := io.WriteString(w, prolog+part.text); err != nil {
			return err
		}
	}
	return b.zip.Close()
}
