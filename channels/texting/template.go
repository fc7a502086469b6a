package texting

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/channels/chat"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/text"
)

// Keys of templates that stand for no type: of all that have none of their own, and of
// messages that tell of several notifications.
const (
	anyType = "*"
	several = "several"
)

// Row is a template that the provider approved, for one language and some regions.
type Row struct {
	// Language is "" for any.
	Language models.Locale `json:"language,omitempty"`
	// Regions are calling codes; none stands for 86.
	Regions    []string    `json:"regions,omitempty"`
	Template   string      `json:"template"`
	Sign       string      `json:"sign,omitempty"`
	Parameters []Parameter `json:"parameters,omitempty"`
}

// Parameter is a variable of a template, in the template's order.
type Parameter struct {
	Name string `json:"name"`
	// From is a variable of the submission, or "title", "severity" or "count"; else it is
	// Constant.
	From     string `json:"from,omitempty"`
	Constant string `json:"constant,omitempty"`
	// Max is the longest value, in characters; 0 stands for 20.
	Max int `json:"max,omitempty"`
	// Long says what becomes of a longer one: "cut", or "refuse" for what must be whole.
	Long string `json:"long,omitempty"`
}

// Filled is a template with its values.
type Filled struct {
	Row
	// Values are those of the row's parameters, in their order.
	Values []string
}

// Bounds of templates.
const (
	defaultMax = 20
	mostMax    = 200
	mostRows   = 20
	mostNames  = 20
)

func templateFields() []channels.Field {
	return []channels.Field{
		{
			Name: "sign", Type: "string", Required: true, Max: 40, Check: checkSign, Labels: chat.Texts("Sign", "短信签名"),
			Help: chat.Texts("The approved one, without brackets; a template may name another.", "已审核通过的签名，不含括号；模板可另行指定。"),
		},
		{
			Name: "templates", Type: "json", Required: true, Max: 30000, Check: checkTemplates, Labels: chat.Texts("Templates", "短信模板"),
			Help: chat.Texts("By message type: which approved template is sent, and where its parameters come from. A type without one is not sent.",
				"按消息类型指定已审核的模板及其参数来源；没有模板的类型不会发送。"),
		},
	}
}

func endpointFields(api string) []channels.Field {
	return []channels.Field{
		{
			Name: "endpoint", Type: "url", Max: 500, Default: api, Check: checkEndpoint, Labels: chat.Texts("Endpoint", "接口地址"),
			Help: chat.Texts("Of another region, or of a relay.", "其他地域或中转的地址。"),
		},
		{
			Name: "timeout_seconds", Type: "int", Min: 1, Max: 30, Default: "15", Labels: chat.Texts("Time-out", "超时"),
			Help: chat.Texts("Seconds for a whole exchange.", "一次请求的总时长（秒）。"),
		},
		{
			Name: "allow_http", Type: "bool", Default: "false", Labels: chat.Texts("Allow http", "允许 http"),
			Help: chat.Texts("The endpoint may be called without TLS.", "允许不加密的地址。"),
		},
		{
			Name: "allow_port", Type: "int", Min: 1, Max: 65535, Labels: chat.Texts("Another port", "其他端口"),
			Help: chat.Texts("Allowed beside 443, 80 and 8443.", "除 443、80、8443 外允许的端口。"),
		},
		{
			Name: "ca", Type: "pem", Max: 20000, Labels: chat.Texts("CA certificates", "CA 证书"),
			Help: chat.Texts("Trusted instead of the system's; PEM.", "代替系统证书的可信根证书，PEM 格式。"),
		},
	}
}

var endpointForm = regexp.MustCompile(`^https?://[^/?#]+(/[A-Za-z0-9._~-]+)*$`)

func checkEndpoint(value string) (string, string) {
	if !endpointForm.MatchString(value) {
		return "invalid-url", "A URL without a query and without a slash at its end."
	}
	return "", ""
}

func checkSign(value string) (string, string) {
	if strings.ContainsAny(value, "【】[]") {
		return "invalid-characters", "Without brackets: the provider adds them."
	}
	return "", ""
}

// parse reads the templates by message type.
func parse(value string) (map[string][]Row, error) {
	d := json.NewDecoder(bytes.NewReader([]byte(value)))
	d.DisallowUnknownFields()
	var rows map[string][]Row
	if err := d.Decode(&rows); err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, fmt.Errorf("there is more behind the object")
	}
	return rows, nil
}

var (
	typeForm     = regexp.MustCompile(`^(\*|several|[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*)$`)
	templateForm = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)
	regionForm   = regexp.MustCompile(`^[1-9][0-9]{0,3}$`)
	nameForm     = regexp.MustCompile(`^[A-Za-z0-9_]{1,40}$`)
)

func checkTemplates(value string) (string, string) {
	all, err := parse(value)
	if err != nil || len(all) == 0 {
		return "invalid-json", `An object of the form {"account.low_balance": [{"template": "SMS_1", "parameters": [{"name": "balance", "from": "balance"}]}]}.`
	}
	for key, rows := range all {
		if !typeForm.MatchString(key) || len(rows) == 0 || len(rows) > mostRows {
			return "invalid-template", fmt.Sprintf("%.60q is no message type with 1 to %d templates.", key, mostRows)
		}
		for i, row := range rows {
			if wrong := row.problem(); wrong != "" {
				return "invalid-template", fmt.Sprintf("%s, template %d: %s", key, i+1, wrong)
			}
		}
	}
	return "", ""
}

// problem is what the provider would refuse for ever; "" for nothing.
func (r Row) problem() string {
	if !templateForm.MatchString(r.Template) {
		return "the template's id is missing, or is none."
	}
	if code, detail := checkSign(r.Sign); code != "" {
		return detail
	}
	if r.Language != "" && !slices.Contains([]models.Locale{models.LocaleZH, models.LocaleEN}, r.Language) {
		return "the language is none of zh-CN and en-US."
	}
	for _, region := range r.Regions {
		if !regionForm.MatchString(region) {
			return "a region is a calling code: 86, 852."
		}
	}
	if len(r.Parameters) > mostNames {
		return fmt.Sprintf("at most %d parameters.", mostNames)
	}
	for _, p := range r.Parameters {
		if wrong := p.problem(); wrong != "" {
			return fmt.Sprintf("parameter %.40q: %s", p.Name, wrong)
		}
	}
	return ""
}

func (p Parameter) problem() string {
	switch {
	case !nameForm.MatchString(p.Name):
		return "the name is missing, or is none."
	case (p.From == "") == (p.Constant == ""):
		return "it comes from a variable or is a constant."
	case p.From != "" && !nameForm.MatchString(p.From):
		return "there is no such variable."
	case p.Max < 0 || p.Max > mostMax:
		return fmt.Sprintf("max is a number up to %d.", mostMax)
	case p.Long != "" && p.Long != "cut" && p.Long != "refuse":
		return "long is cut or refuse."
	case p.From == "code" && p.Long == "cut":
		return "a code is never cut."
	case utf8.RuneCountInString(p.Constant) > p.max():
		return "the constant is too long."
	case p.Constant != "" && (link(p.Constant) || strings.ContainsAny(p.Constant, "【】") || strings.ContainsFunc(p.Constant, emoji)):
		return "providers refuse links, 【】 and emoji."
	}
	return ""
}

func (p Parameter) max() int {
	if p.Max == 0 {
		return defaultMax
	}
	return p.Max
}

func link(value string) bool {
	value = strings.ToLower(value)
	return strings.Contains(value, "://") || strings.Contains(value, "www.")
}

func emoji(r rune) bool { return r > 0x1F000 || unicode.Is(unicode.So, r) }

// fill finds the template for the message, and its values. Without one, and where a value
// cannot be sent as it must be, nothing is called.
func fill(s channels.Settings, m channels.Message) (Filled, *channels.Error) {
	all, err := parse(s.Get("templates"))
	if err != nil {
		return Filled{}, &channels.Error{Class: channels.Misconfigured, Reason: "template", Message: "The templates cannot be read."}
	}
	row, found := choose(all, m)
	if !found {
		return Filled{}, &channels.Error{Class: channels.Permanent, Reason: "no_template", Message: "No approved template is set up for this type, language and region."}
	}
	row.Sign = or(row.Sign, s.Get("sign"))
	out := Filled{Row: row}
	for _, p := range row.Parameters {
		value, ok := p.value(m)
		if !ok {
			return Filled{}, &channels.Error{Class: channels.Permanent, Reason: "content_rejected", Message: "The parameter " + p.Name + " cannot be sent: it is too long, or holds a link."}
		}
		out.Values = append(out.Values, value)
	}
	return out, nil
}

// choose returns the first row of the message's type that fits, of its language before any.
func choose(all map[string][]Row, m channels.Message) (Row, bool) {
	rows := slices.Concat(all[m.Type], all[anyType])
	if len(m.Merged) > 0 {
		rows = all[several]
	}
	for _, language := range []models.Locale{m.Rendered.Locale, ""} {
		for _, r := range rows {
			if r.Language == language && r.reaches(m.To) {
				return r, true
			}
		}
	}
	return Row{}, false
}

func (r Row) reaches(number string) bool {
	regions := r.Regions
	if len(regions) == 0 {
		regions = []string{"86"}
	}
	return slices.ContainsFunc(regions, func(code string) bool { return strings.HasPrefix(number, "+"+code) })
}

// value is what the parameter is in the message; false when it cannot be sent.
func (p Parameter) value(m channels.Message) (string, bool) {
	value := p.Constant
	if p.From != "" {
		value = strings.NewReplacer("【", "[", "】", "]").Replace(text.Line(p.source(m)))
	}
	if value == "" {
		return "-", true // providers refuse empty ones
	}
	if link(value) {
		return "", false
	}
	if utf8.RuneCountInString(value) <= p.max() {
		return value, true
	}
	if p.Long == "refuse" || p.From == "code" {
		return "", false
	}
	return text.Cut(value, p.max()), true
}

func (p Parameter) source(m channels.Message) string {
	if value, found := m.Data[p.From]; found {
		return value
	}
	switch p.From {
	case "title":
		return m.Rendered.Title
	case "severity":
		return string(m.Severity)
	case "count":
		return fmt.Sprint(len(m.Merged) + 1)
	}
	return ""
}
