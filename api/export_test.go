package api_test

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

// rowsOf reads a CSV export back.
func rowsOf(t *testing.T, body []byte) [][]string {
	t.Helper()
	rows, err := csv.NewReader(bytes.NewReader(body)).ReadAll()
	require.NoError(t, err)
	return rows
}

// loggedMany gives account A an operation log of many pages.
func (h *harness) loggedMany(n int) {
	h.t.Helper()
	h.write(func(tx *store.Tx) error {
		for i := range n {
			op := models.Operation{
				ActorKind: models.ActorUser, ActorID: h.root.id, ActorName: "root", Action: "contact.update", ObjectKind: "contact",
				ObjectID: fmt.Sprintf("ctc_%04d", i), ObjectName: "=HYPERLINK(1)", Result: models.ResultSucceeded, Roles: []string{"Root"},
			}
			if err := tx.In(h.a.Account.ID).OperationLog().Append(h.t.Context(), &op); err != nil {
				return err
			}
		}
		return nil
	})
}

func TestAnExportIsTheLogCellByCell(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.loggedMany(1203)
	path := "/v1/operations/export?action=contact.update&columns=seq,at,object_name,object_id,roles&time_zone=Asia/Shanghai"
	got := h.as(h.reader).get(path).wants(200)
	assert.Equal(t, "text/csv; charset=utf-8", got.header.Get("Content-Type"))
	assert.Contains(t, got.header.Get("Content-Disposition"), ".csv")
	rows := rowsOf(t, got.body)
	require.Len(t, rows, 1204)
	assert.Equal(t, []string{"seq", "at (Asia/Shanghai)", "object_name", "object_id", "roles"}, rows[0])
	zone, err := time.LoadLocation("Asia/Shanghai")
	require.NoError(t, err)
	cursor, place := "", 1
	for {
		page := h.as(h.reader).get("/v1/operations?limit=100&action=contact.update&cursor=" + url.QueryEscape(cursor)).wants(200)
		for i, seq := range page.items("seq") {
			at, err := time.Parse(time.RFC3339Nano, page.field("items", i, "at"))
			require.NoError(t, err)
			want := []string{seq, at.In(zone).Format(time.DateTime), "'=HYPERLINK(1)", page.field("items", i, "object", "id"), "Root"}
			require.Equal(t, want, rows[place])
			place++
		}
		if cursor = page.field("next_cursor"); cursor == "" {
			break
		}
	}
	assert.Equal(t, len(rows), place)
	newest := h.as(h.root).get("/v1/operations?limit=1").wants(200)
	assert.Equal(t, "operation.export", newest.field("items", 0, "action"), "who exported is in the log")
	assert.Equal(t, h.reader.id, newest.field("items", 0, "actor", "id"))
}

func TestAWorkbookHasTheSameCells(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.loggedMany(3)
	query := "?action=contact.update&columns=object_id,seq,object_name&language=zh-CN&format="
	rows := rowsOf(t, h.as(h.root).get("/v1/operations/export"+query+"csv").wants(200).body)
	got := h.as(h.root).get("/v1/operations/export" + query + "xlsx").wants(200)
	archive, err := zip.NewReader(bytes.NewReader(got.body), int64(len(got.body)))
	require.NoError(t, err)
	part, err := archive.Open("xl/worksheets/sheet1.xml")
	require.NoError(t, err)
	var book struct {
		Rows []struct {
			Cells []struct {
				Text string `xml:"is>t"`
			} `xml:"c"`
		} `xml:"sheetData>row"`
	}
	require.NoError(t, xml.NewDecoder(part).Decode(&book))
	require.Len(t, book.Rows, len(rows))
	assert.Equal(t, []string{"对象 ID", "序号", "对象"}, rows[0])
	for i, row := range rows {
		for j, cell := range row {
			assert.Equal(t, strings.TrimPrefix(cell, "'"), book.Rows[i].Cells[j].Text)
		}
	}
}

func TestExportsRefuseWhatTheyDoNotKnow(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	for query, pointer := range map[string]string{
		"columns=seq,nothing": "query/columns", "columns=seq,seq": "query/columns", "time_zone=Mars/Olympus": "query/time_zone",
		"format=pdf": "query/format", "from=2026-03-02T00:00:00Z&to=2026-03-01T00:00:00Z": "query/to",
	} {
		if got := h.as(h.root).get("/v1/operations/export?" + query).wants(422); !strings.Contains(string(got.body), pointer) {
			t.Errorf("%s: %s", query, got.body)
		}
	}
}

func TestAuditorsExportAnyAccountByItsAlias(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.loggedMany(2)
	for _, name := range []string{"alpha", string(h.a.Account.ID)} {
		path := "/v1/accounts/" + name + "/operations"
		assert.Len(t, rowsOf(t, h.as(h.auditor).get(path+"/export").wants(200).body), 3)
		assert.Len(t, h.as(h.auditor).get(path).wants(200).items("seq"), 2)
		h.as(h.auditor).get(path + "/1").wants(200)
	}
	h.as(h.auditor).get("/v1/accounts/gamma/operations").wants(404)
	assert.Equal(t, "account_operation.export", h.logged(models.Platform)[0].Action)
	names := h.as(h.auditor).get("/v1/account-names").wants(200)
	assert.ElementsMatch(t, []string{"alpha", "beta"}, names.items("alias"))
	for _, q := range []string{"AL", string(h.a.Account.ID)} {
		assert.Equal(t, []string{"alpha"}, h.as(h.auditor).get("/v1/account-names?q="+url.QueryEscape(q)).wants(200).items("alias"))
	}
}

func TestListsOfOperatorsAreSearched(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	admin := h.as(h.admin)
	admin.patch("/v1/accounts/"+string(h.b.Account.ID), object{"enabled": false, "name": "Zeta Works"}).wants(200)
	for path, want := range map[string][]string{
		"/v1/accounts?q=zeta": {"beta"}, "/v1/accounts?q=be": {"beta"}, "/v1/accounts?enabled=false": {"beta"}, "/v1/accounts?enabled=true": {"alpha"},
		"/v1/accounts?q=be&enabled=true": {}, "/v1/accounts?q=%25": {},
	} {
		assert.ElementsMatch(t, want, admin.get(path).wants(200).items("alias"), path)
	}
	assert.Equal(t, []string{h.auditor.id}, admin.get("/v1/operators?q="+strings.ToUpper(h.auditor.name)).wants(200).items("id"))
	assert.Empty(t, admin.get("/v1/operators?q=nobody").wants(200).items("id"))
	assert.Empty(t, admin.get("/v1/products?enabled=false").wants(200).items("id"))
	assert.Equal(t, []string{h.reader.id}, h.as(h.root).get("/v1/users?q=reade").wants(200).items("id"))
}
