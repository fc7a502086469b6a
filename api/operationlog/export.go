package operationlog

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"

	"belfry.dev/belfry/api/contract"
	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/api/sheet"
	"belfry.dev/belfry/api/wire"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/intake"
	"belfry.dev/belfry/store"
)

const (
	csvType = "text/csv"
	// exportPage is how many entries are read at once, exportTime how long a reader may take
	// for them.
	exportPage = 500
	exportTime = 30 * time.Second
)

func describeExport() map[string]operation.Operation {
	const description = "What the filter selects, newest first, as CSV (RFC 4180; what begins like a formula gets an apostrophe) or as a workbook of texts. The export is an entry of the log."
	return map[string]operation.Operation{
		"operation.export":         {Summary: "Export my account's operation log", Description: description, Produces: csvType, Streams: true},
		"account_operation.export": {Summary: "Export an account's operation log", Description: "As operation.export.", Produces: csvType, Streams: true, Fails: []int{http.StatusNotFound}},
	}
}

// documentExport says what the answer is: huma knows nothing of a stream.
func documentExport(s *operation.Core, path string) {
	described := contract.Described(s.Huma.OpenAPI(), http.MethodGet, path)
	text := &huma.Schema{Type: huma.TypeString}
	described.Responses["200"] = &huma.Response{
		Description: "The table, with a row of headings.",
		Content:     map[string]*huma.MediaType{csvType: {Schema: text}, sheet.XLSXType: {Schema: text}},
	}
}

// field is a column that can be chosen.
type field struct {
	name string
	zh   string
	cell func(op models.Operation, zone *time.Location) string
}

// fields are all columns, in the order of an export that chooses none.
func fields() []field {
	text := func(of func(models.Operation) string) func(models.Operation, *time.Location) string {
		return func(op models.Operation, _ *time.Location) string { return of(op) }
	}
	return []field{
		{"seq", "序号", text(func(op models.Operation) string { return strconv.FormatInt(op.Seq, 10) })},
		{"at", "时间", func(op models.Operation, zone *time.Location) string { return op.At.In(zone).Format(time.DateTime) }},
		{"actor_name", "操作者", text(func(op models.Operation) string { return op.ActorName })},
		{"actor_kind", "操作者类型", text(func(op models.Operation) string { return string(op.ActorKind) })},
		{"actor_id", "操作者 ID", text(func(op models.Operation) string { return op.ActorID })},
		{"roles", "角色", text(func(op models.Operation) string { return strings.Join(op.Roles, " ") })},
		{"credential", "凭证", text(func(op models.Operation) string { return op.Credential })},
		{"ip", "IP", text(func(op models.Operation) string { return op.IP })},
		{"user_agent", "客户端", text(func(op models.Operation) string { return op.UserAgent })},
		{"request_id", "请求 ID", text(func(op models.Operation) string { return op.RequestID })},
		{"action", "操作", text(func(op models.Operation) string { return op.Action })},
		{"object_kind", "对象类型", text(func(op models.Operation) string { return op.ObjectKind })},
		{"object_id", "对象 ID", text(func(op models.Operation) string { return op.ObjectID })},
		{"object_name", "对象", text(func(op models.Operation) string { return op.ObjectName })},
		{"result", "结果", text(func(op models.Operation) string { return string(op.Result) })},
		{"code", "原因", text(func(op models.Operation) string { return string(op.Code) })},
	}
}

// Export is embedded by the In types of exports.
type Export struct {
	OperationFilter
	Format   string   `query:"format" enum:"csv,xlsx" default:"csv"`
	Columns  []string `query:"columns" maxItems:"16" enum:"seq,at,actor_name,actor_kind,actor_id,roles,credential,ip,user_agent,request_id,action,object_kind,object_id,object_name,result,code" doc:"In this order, with commas between them; all when left out."`
	TimeZone string   `query:"time_zone" maxLength:"64" doc:"An IANA name; UTC when left out."`
	Language string   `query:"language" enum:"zh-CN,en-US" default:"en-US" doc:"Of the headings."`
	Mark     bool     `query:"bom" doc:"Whether CSV begins with a byte order mark."`
}

type exportOperationsIn struct{ Export }

func exportOperations(ctx context.Context, c *operation.Call, in *exportOperationsIn) (*huma.StreamResponse, error) {
	return in.export(ctx, c, c.Account())
}

type exportAccountOperationsIn struct {
	ID string `path:"id" pattern:"^(acc_[0-9a-f]{32}|[a-z0-9][a-z0-9-]{2,31})$" patternDescription:"an account's id or alias"`
	Export
}

func exportAccountOperations(ctx context.Context, c *operation.Call, in *exportAccountOperationsIn) (*huma.StreamResponse, error) {
	account, err := accountNamed(ctx, c.Core, in.ID)
	if err != nil {
		return nil, err
	}
	return in.export(ctx, c, account)
}

// table is an export that was checked.
type table struct {
	account models.AccountID
	filter  store.OperationFilter
	fields  []field
	zone    *time.Location
	heads   []string
}

func (in Export) table(account models.AccountID) (table, error) {
	filter, _, err := in.filter()
	t := table{account: account, filter: filter, zone: time.UTC}
	if err != nil {
		return t, err
	}
	if in.TimeZone != "" {
		if err := intake.CheckZone(in.TimeZone); err != nil {
			return t, models.Invalid("query/time_zone", "unknown-value", "must be an IANA time zone, such as Asia/Shanghai")
		}
		if t.zone, err = time.LoadLocation(in.TimeZone); err != nil {
			return t, err
		}
	}
	all := fields()
	for i, name := range in.Columns {
		if slices.Contains(in.Columns[:i], name) {
			return t, models.Invalid("query/columns", "conflict", "Say each column once.")
		}
		t.fields = append(t.fields, all[slices.IndexFunc(all, func(f field) bool { return f.name == name })])
	}
	if len(t.fields) == 0 {
		t.fields = all
	}
	for _, f := range t.fields {
		head := f.name
		if in.Language == models.LocaleZH {
			head = f.zh
		}
		if f.name == "at" {
			head += " (" + t.zone.String() + ")"
		}
		t.heads = append(t.heads, head)
	}
	return t, nil
}

// exported is what the log says of an export.
type exported struct {
	Account models.AccountID  `json:"account_id"`
	Format  string            `json:"format"`
	Columns []string          `json:"columns"`
	Filter  map[string]string `json:"filter"`
}

// said is the part of the filter that selects anything.
func (f OperationFilter) said() map[string]string {
	said := map[string]string{
		"actor": f.Actor, "action": f.Action, "object_kind": f.ObjectKind, "object_id": f.ObjectID, "result": f.Result,
		"from": wire.Stamp(f.From), "to": wire.Stamp(f.To),
	}
	maps.DeleteFunc(said, func(_, value string) bool { return value == "" })
	return said
}

func (in Export) export(ctx context.Context, c *operation.Call, account models.AccountID) (*huma.StreamResponse, error) {
	t, err := in.table(account)
	if err != nil {
		return nil, err
	}
	_, err = operation.Commit(ctx, c, func(*store.Tx) (*operation.Done[exported], error) {
		what := &exported{Account: account, Format: in.Format, Columns: t.heads, Filter: in.said()}
		return operation.Did(what, operation.Of("operation_log", string(account), ""), nil, what), nil
	})
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		if err := in.write(hc.Context(), humagin.Unwrap(hc), c.Store, t); err != nil {
			c.Log.InfoContext(ctx, "export broke", "request_id", c.Origin.RequestID, "error", err)
			panic(http.ErrAbortHandler) // who downloads sees that it is not all
		}
	}}, nil
}

// write sends page by page; the first one is read before anything is sent.
func (in Export) write(ctx context.Context, g *gin.Context, s *store.Store, t table) error {
	h := g.Writer.Header()
	h.Set("Content-Type", csvType+"; charset=utf-8")
	if in.Format == "xlsx" {
		h.Set("Content-Type", sheet.XLSXType)
	}
	h.Set("Content-Disposition", `attachment; filename="operations-`+string(t.account)+"."+in.Format+`"`)
	h.Set("Cache-Control", "no-store")
	out, err := in.sheet(g)
	if err != nil {
		return err
	}
	if err := out.Row(t.heads); err != nil {
		return err
	}
	control, page := http.NewResponseController(g.Writer), store.Page{Limit: exportPage}
	for {
		rows, next, err := s.In(t.account).OperationLog().List(ctx, t.filter, page)
		if err != nil {
			return err
		}
		if err := control.SetWriteDeadline(time.Now().Add(exportTime)); err != nil && !errors.Is(err, http.ErrNotSupported) {
			return err
		}
		for _, op := range rows {
			if err := out.Row(t.row(op)); err != nil {
				return err
			}
		}
		if err := out.Flush(); err != nil {
			return err
		}
		if page.After = next; next == "" {
			return out.Close()
		}
	}
}

func (in Export) sheet(g *gin.Context) (sheet.Writer, error) {
	if in.Format == "xlsx" {
		return sheet.XLSX(g.Writer), nil
	}
	return sheet.CSV(g.Writer, in.Mark)
}

func (t table) row(op models.Operation) []string {
	cells := make([]string, len(t.fields))
	for i, f := range t.fields {
		cells[i] = f.cell(op, t.zone)
	}
	return cells
}
