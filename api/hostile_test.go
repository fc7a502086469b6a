package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store/storetest"
)

// hostile are texts for every field and parameter: the universal cases of
// docs/problems.md, by what they are after.
func hostile() []string {
	texts := []string{
		"", " ", "   ", " x", "x ", "\t", "\u00a0", "\u3000x", // blanks
		"\x00", "a\x00b", "a\x01b", "a\x1bb", "a\x7fb", "a\u0085b", "a\rb", "a\nb", "a\tb", "a\u2028b", "a\u2029b", // controls
		"a\u202eb", "a\u2066b", "a\u200bb", "a\u200db", "\ufeffa", "a\U000e0041b", "a\u00adb", "\u3164", "\u2800", // invisible
		"é", "e\u0301", "Ｆｕｌｌ", "\u212a", "ﬀ", "İ", "ı", "ß", "ſ", // forms
		"аdmin", "αdmin", "Root", "ROOT", "platform", "PLATFORM", "acc_", "current", "Current", // look-alikes
		"'", "\"", "\\", ";", "--", "/*", "%", "_", "%00", "%2e%2e", "%25", "' OR '1'='1", "1; DROP TABLE users", "\\' OR 1=1 #", // SQL
		"<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg onload=alert(1)>", "[x](javascript:alert(1))", // markup
		"javascript:alert(1)", "data:text/html,x", "vbscript:x", "java\tscript:x", "http:\\\\evil", "//evil.example", "http://a@b@c", // links
		"{{.}}", "{{env \"PATH\"}}", "{{template \"x\"}}", "${x}", "#{x}", "<%= x %>", "%s%s%n", "{0}", "$(id)", "`id`", // templates
		"=1+1", "+1", "-1", "@x", "\t=1", "＝1", "=cmd|' /C calc'!A0", // spreadsheets
		"../../etc/passwd", "..", ".", "\\\\host\\share", "file:///etc/passwd", "CON", "/", "//", "a/b", // paths
		"0", "-0", "1", "007", "1.0", "1e309", "NaN", "Infinity", "9007199254740993", "9223372036854775807", "9223372036854775808", "0x10", "१२", // numbers
		"0000-00-00", "9999-12-31T23:59:60Z", "2038-01-19T03:14:08Z", "2016-12-31T23:59:60Z", "2026-02-29T00:00:00Z", "2026-03-01", // dates
		"2026-03-01T00:00:00", "2026-03-01T00:00:00+14:00", "2026-03-01T00:00:00+99:99", "2226-03-01T00:00:00Z", "0001-01-01T00:00:00Z",
		"9999-12-31T23:59:59Z", "-292277022399-01-01T00:00:00Z", "1969-12-31T23:59:59.999999999Z",
		"a@b", "a@b.com\r\nBcc: x@y.com", "a@[127.0.0.1]", "\"a b\"@c.de", "+8613800138000", "+１", "tel:+1", // addresses
		"null", "undefined", "true", "[]", "{}", "__proto__", "constructor", // words
		"\x1b[31mred\x1b[0m", "x\r\n2026-01-01 ERROR forged", "💥", "👨\u200d👩\u200d👧\u200d👦", "🇨🇳", // terminals and emoji
		"(((((((((((((((((((((((((((((((((((((((((((((((((a*)*)*", "account.low_balance", "*", "*.*", "zh-CN", "../../x", "Local", "Europe/../Berlin",
	}
	return append(texts, strings.Repeat("x", 41), strings.Repeat("x", 256), strings.Repeat("💥", 65), strings.Repeat("x", 10_000),
		strings.Repeat("e\u0301", 5000), "a"+strings.Repeat("\u0301", 10_000))
}

// otherValues are what stands where a text should, as JSON.
func otherValues() []string {
	return []string{
		"null", "0", "-1", "1.5", "1e309", "1e400000", "9223372036854775808", "-0", "true", "[]", "{}", `[null]`, `[[]]`, `[{}]`,
		`{"a":1}`, `"\ud800"`, `"\u0000"`, `{"$ref":"#"}`, `[` + strings.Repeat(`"x",`, 1000) + `"x"]`, `[1,1]`, `[{},{}]`,
	}
}

// TestHostileInputIsTheCallersFault sends every hostile text to every field, query
// and path parameter of every operation, as somebody who may call it.
func TestHostileInputIsTheCallersFault(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	d := h.document()
	for _, op := range d.operations(t) {
		t.Run(op.Action, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t)
			c := h.as(h.allowed(op))
			attackPath(c, op)
			attackQuery(c, op)
			if body, ok := op.body(); ok {
				attackBody(c, d, op, body)
			}
		})
	}
}

// stride is how many texts one stands for: each statement is a way to a server, where
// there is one.
func stride() int {
	if os.Getenv(storetest.EnvMySQL) != "" {
		return 8 * hostileStride
	}
	return hostileStride
}

// sampled is every text by the stride, beginning with another one for each place.
func sampled(texts []string, place int) []string {
	list := []string{}
	for i := place % stride(); i < len(texts); i += stride() {
		list = append(list, texts[i])
	}
	return list
}

// allowed is somebody who may call the operation; the credential is not the one
// that requests could end.
func (h *harness) allowed(op documented) person {
	who := strings.Fields(access()[op.Action])
	for _, p := range []person{h.product, h.root, h.admin, h.auditor} {
		if slices.Contains(who, p.name) {
			return p
		}
	}
	return h.anonymous
}

func attackPath(c client, op documented) {
	c.h.t.Helper()
	for _, param := range op.Parameters {
		if param.In != "path" {
			continue
		}
		for _, text := range sampled(hostile(), len(op.Action)) {
			path := op.fill(func(name, pattern string) string {
				if name == param.Name {
					return url.PathEscape(text)
				}
				return matching(pattern)
			})
			harmless(c.send(op.Method, path, nil))
		}
	}
}

func attackQuery(c client, op documented) {
	c.h.t.Helper()
	for i, param := range op.Parameters {
		if param.In != "query" {
			continue
		}
		for _, text := range sampled(hostile(), len(op.Action)+i) {
			harmless(c.send(op.Method, op.nowhere()+"?"+url.QueryEscape(param.Name)+"="+url.QueryEscape(text), nil))
		}
	}
	for _, query := range []string{"%", "%zz", "limit=1&limit=2", "limit=0", "limit=-1", "limit=1000000000", "a[]=1", "=", "&&", ";", "sort=id;drop", "x=%00", "x=%ff", "%00=x"} {
		harmless(c.send(op.Method, op.nowhere()+"?"+query, nil))
	}
}

func attackBody(c client, d document, op documented, body schema) {
	c.h.t.Helper()
	base, err := json.Marshal(d.example(body))
	if err != nil {
		c.h.t.Fatal(err)
	}
	for _, raw := range malformed(string(base)) {
		got := c.send(op.Method, op.nowhere(), raw)
		harmless(got)
		if got.status < 400 {
			c.h.t.Errorf("%s takes %.60q", got.what, raw)
		}
	}
	for i, place := range d.places(body, nil) {
		for _, text := range sampled(hostile(), len(op.Action)+i) {
			encoded, _ := json.Marshal(text) // invalid UTF-8 is another test
			harmless(c.send(op.Method, op.nowhere(), put(c.h.t, base, place, encoded)))
		}
		for _, value := range sampled(otherValues(), i) {
			harmless(c.send(op.Method, op.nowhere(), put(c.h.t, base, place, []byte(value))))
		}
	}
}

// malformed are bodies that nobody may take.
func malformed(base string) []string {
	return []string{
		"", "null", "[]", `"x"`, "1", "{", base + "x", base + base, "\ufeff" + base, `{"a":1,"a":2}`, `{"a":1,"A":2}`, `{"unknown":1}`,
		`{"__proto__":{}}`, "{\"a\":\"\xff\"}", "{\"a\":\"\xc0\xaf\"}", `{"a":"\ud800"}`, "{\"a\":\"\x00\"}", strings.Repeat("[", 10_001),
		strings.Repeat(`{"a":`, 10_001), `{"` + strings.Repeat("k", 1<<20) + `":1}`, `{"a":` + strings.Repeat("9", 5000) + `}`, "\x1f\x8b\x08\x00",
		"<xml/>", "a=1&b=2", "{'a':1}", "{a:1}", "// x\n{}", `{"a":NaN}`, `{"` + "\u200b" + `":1}`,
	}
}

// places are the paths of all values in a body, as far as three levels down.
func (d document) places(s schema, path []string) [][]string {
	s = d.resolve(s)
	var list [][]string
	if len(path) > 0 {
		list = append(list, slices.Clone(path))
	}
	if len(path) >= 3 {
		return list
	}
	for name, property := range s.Properties {
		list = append(list, d.places(property, append(slices.Clone(path), name))...)
	}
	if s.Items != nil {
		list = append(list, d.places(*s.Items, append(slices.Clone(path), "0"))...)
	}
	if len(s.Additional) > 0 && s.Additional[0] == '{' {
		list = append(list, append(slices.Clone(path), "x"))
	}
	return list
}

// put returns the body with one value replaced, or added.
func put(t testing.TB, body []byte, path []string, value json.RawMessage) []byte {
	t.Helper()
	if len(path) == 0 {
		return value
	}
	var object map[string]json.RawMessage
	if i, err := strconv.Atoi(path[0]); err == nil {
		var list []json.RawMessage
		_ = json.Unmarshal(body, &list) // what is no list becomes one
		for len(list) <= i {
			list = append(list, json.RawMessage("null"))
		}
		list[i] = put(t, list[i], path[1:], value)
		return encode(t, list)
	}
	_ = json.Unmarshal(body, &object) // what is no object becomes one
	if object == nil {
		object = map[string]json.RawMessage{}
	}
	object[path[0]] = put(t, object[path[0]], path[1:], value)
	return encode(t, object)
}

// encode writes raw values as they are; json.Marshal would check them.
func encode(t testing.TB, v any) []byte {
	t.Helper()
	var b strings.Builder
	switch v := v.(type) {
	case []json.RawMessage:
		b.WriteByte('[')
		for i, each := range v {
			if i > 0 {
				b.WriteByte(',')
			}
			b.Write(each)
		}
		b.WriteByte(']')
	case map[string]json.RawMessage:
		b.WriteByte('{')
		for key, each := range v {
			if b.Len() > 1 {
				b.WriteByte(',')
			}
			fmt.Fprintf(&b, "%q:%s", key, each)
		}
		b.WriteByte('}')
	}
	return []byte(b.String())
}

// harmless fails the test when the server took the blame, or answered a failure
// with anything but a problem, or told about its inside.
func harmless(a *answer) {
	a.t.Helper()
	if a.status >= 500 {
		a.t.Errorf("%.300s = %d: %s", a.what, a.status, a.body)
		return
	}
	if a.status < 400 {
		return
	}
	var problem struct {
		Type      string         `json:"type"`
		Status    int            `json:"status"`
		RequestID string         `json:"request_id"`
		Errors    []models.Field `json:"errors"`
	}
	err := json.Unmarshal(a.body, &problem)
	if err != nil || a.header.Get("Content-Type") != "application/problem+json" || problem.Status != a.status ||
		!strings.HasPrefix(problem.Type, "/problems/") || problem.RequestID == "" {
		a.t.Errorf("%.300s = %d without a problem document: %s", a.what, a.status, a.body)
	}
	if (problem.Type == "/problems/validation-failed") != (a.status == 422 && len(problem.Errors) > 0) && problem.Type != "/problems/idempotency-mismatch" && problem.Type != "/problems/malformed-request" {
		a.t.Errorf("%.300s names no value: %s", a.what, a.body)
	}
	for _, inside := range []string{"goroutine", "SQL", "sqlite", "gorm", "json:", "strconv", "/work", ".go:", "unmarshal"} {
		if strings.Contains(string(a.body), inside) {
			a.t.Errorf("%.300s tells about the inside (%s): %s", a.what, inside, a.body)
		}
	}
}

func TestInvisibleTextIsRefusedInNames(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	for text, code := range map[string]string{
		"a\x00b": "invalid-characters", "a\nb": "invalid-characters", "a\u202eb": "invalid-characters", "a\u200bb": "invalid-characters",
		"\ufeffa": "invalid-characters", " a": "untrimmed", "a\u00a0": "untrimmed", "   ": "blank", strings.Repeat("💥", 65): "too-long",
	} {
		h.as(h.none).patch("/v1/me", object{"display_name": text}).wants(422).complains("#/display_name", code)
	}
	for _, text := range []string{"", strings.Repeat("💥", 64), "Zoë 王小明", "<script>alert(1)</script>", "{{.}}", "=1+1", "' OR 1=1 --", "👨\u200d👩\u200d👧\u200d👦"} {
		got := h.as(h.none).patch("/v1/me", object{"display_name": text}).wants(200)
		if got.field("display_name") != text {
			t.Errorf("stored %q as %q", text, got.field("display_name"))
		}
	}
}

func TestNumbersAreNamedWithWhatIsWrong(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	put := func(version string) *answer {
		return h.as(h.product).post(resourcesPath, `{"account": "alpha", "external_id": "a", "name": "a", "expires_at": "2026-04-27T15:30:00Z", "version": `+version+`}`).wants(422)
	}
	put("0").complains("#/version", "too-small")
	put("9007199254740992").complains("#/version", "too-large")
	put("1.5").complains("#/version", "wrong-type")
	put(`"1"`).complains("#/version", "wrong-type")
	for _, spelling := range []string{"1e3", "1E0", "1.0"} {
		put(spelling).complains("#/version", "wrong-type")
	}
	h.as(h.none).get("/v1/me/access-keys?limit=0").wants(422).complains("query/limit", "too-small")
	h.as(h.none).get("/v1/me/access-keys?limit=101").wants(422).complains("query/limit", "too-large")
	h.as(h.none).get("/v1/me/access-keys?limit=1e1").wants(422).complains("query/limit", "wrong-type")
}

func TestKeysAreExact(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	me := h.as(h.none)
	me.patch("/v1/me", `{"popups":true,"POPUPS":false}`).wants(400).problem(models.CodeMalformed).complains("#/POPUPS", "duplicate-key")
	me.patch("/v1/me", `{"Popups":false}`).wants(400).problem(models.CodeMalformed).complains("#/Popups", "unknown")
	me.patch("/v1/me", `{"popups":false} {}`).wants(400).complains("#", "trailing-data")
	me.patch("/v1/me", `{"popups":"false"}`).wants(422).complains("#/popups", "wrong-type")
	me.get("/v1/me/access-keys?limit=1&limit=2").wants(400).complains("query/limit", "repeated")
	h.as(h.admin).post("/v1/accounts", `{"alias":"gamma","root":{"name":"root","Password":"x"}}`).wants(400).complains("#/root/Password", "unknown")
	h.as(h.admin).post("/v1/accounts", `{"alias":"gamma"}`).wants(422).complains("#/root", "required").complains("#/addresses", "required").complains("#/name", "required")
}

func TestMediaTypesAndSizes(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	me := h.as(h.none)
	for name, value := range map[string]string{
		"Content-Type": "text/plain", "content-type": "", "Content-Type ": "multipart/form-data; boundary=x",
	} {
		request := me
		request.header = http.Header{strings.TrimSpace(http.CanonicalHeaderKey(strings.TrimSpace(name))): {value}}
		request.patch("/v1/me", `{}`).wants(415).problem(models.CodeUnsupportedMedia)
	}
	for _, header := range [][2]string{{"Content-Type", "application/json; charset=utf-16"}, {"Content-Encoding", "gzip"}} {
		request := me
		request.header = http.Header{header[0]: {header[1]}}
		request.patch("/v1/me", `{}`).wants(415)
	}
	charset := me
	charset.header = http.Header{"Content-Type": {"application/json; charset=UTF-8"}}
	charset.patch("/v1/me", `{}`).wants(200)
	me.patch("/v1/me", `{"display_name":"`+strings.Repeat("x", 300<<10)+`"}`).wants(413).problem(models.CodeTooLarge)
	me.with("Accept", "text/html").get("/v1/me").wants(406).problem(models.CodeNotAcceptable)
	me.with("Accept", "application/json;q=0").get("/v1/me").wants(406)
	me.with("Accept", "text/html, */*;q=0.1").get("/v1/me").wants(200)
	me.with("Accept", "application/*").get("/v1/me").wants(200)
}

func TestABodyOfUnknownLengthIsBoundedToo(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPatch, "/v1/me", strings.NewReader(`{"display_name":"`+strings.Repeat("x", 300<<10)+`"}`))
	r.ContentLength = -1
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+h.none.token)
	h.do(r).wants(413)
}

func TestUnknownPathsAndMethodsAreProblems(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	for _, path := range []string{"/", "/v1", "/v1/users/", "/v1/nothing", "/v1//users", "/V1/users", "/v1/users/%2e%2e/operations", "/v1/users/../operations"} {
		h.as(h.root).get(path).wants(404).problem(models.CodeNotFound)
	}
	for _, method := range []string{"DELETE", "PATCH", "TRACE", "CONNECT", "FOO", "HEAD", "OPTIONS"} {
		got := h.as(h.root).send(method, "/v1/users", nil).wants(405)
		if got.header.Get("Allow") == "" {
			t.Errorf("%s: no Allow header", method)
		}
	}
}

func TestZonesAreThoseOfEveryMachine(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	for _, zone := range []string{"", "Local", "localtime", "posixrules", "Factory", "right/UTC", "posix/UTC", "../UTC", "asia/shanghai", "+08:00"} {
		h.as(h.root).patch("/v1/account", object{"time_zone": zone}).wants(422).complains("#/time_zone", "unknown-value")
	}
	h.as(h.root).patch("/v1/account", object{"time_zone": "Asia/Shanghai"}).wants(200)
}

func TestRequestIDsAreTakenWhenHarmless(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	for id, kept := range map[string]bool{
		"abc-DEF_1.2": true, strings.Repeat("a", 64): true, strings.Repeat("a", 65): false, "": false, `a"b`: false, "a b": false, "a\u00e9": false, strings.Repeat("x", 1<<20): false,
	} {
		got := h.as(h.none).with("X-Request-ID", id).get("/v1/nothing").header.Get("X-Request-Id")
		if (got == id) != kept || got == "" {
			t.Errorf("X-Request-ID %.80q becomes %q", id, got)
		}
	}
}

func TestForwardedAddressesAreBelievedOfProxiesOnly(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	made := h.as(h.none).with("X-Forwarded-For", "6.6.6.6").with("X-Real-Ip", "6.6.6.6").with("Host", "evil.example").post("/v1/me/access-keys", object{"name": "a"}).wants(201)
	if ip := h.logged(h.a.Account.ID)[0].IP; ip != "192.0.2.1" {
		t.Errorf("the operation log has the address %s: anybody can set it", ip)
	}
	if strings.Contains(made.header.Get("Location"), "evil") {
		t.Errorf("Location = %s", made.header.Get("Location"))
	}
}

func TestATrustedProxyVouchesForTheAddress(t *testing.T) {
	t.Parallel()
	h := newHarness(t, func(c *operation.Config) { c.TrustedProxies = []string{"192.0.2.0/24"} })
	h.as(h.none).with("X-Forwarded-For", "6.6.6.6, 2001:db8::7").post("/v1/me/access-keys", object{"name": "a"}).wants(201)
	if ip := h.logged(h.a.Account.ID)[0].IP; ip != "2001:db8::7" {
		t.Errorf("the operation log has the address %s", ip)
	}
	h.as(h.none).with("X-Real-Ip", "6.6.6.6").post("/v1/me/access-keys", object{"name": "b"}).wants(201)
	if ip := h.logged(h.a.Account.ID)[0].IP; ip != "192.0.2.1" {
		t.Errorf("the operation log has the address %s of a header that the proxy does not set", ip)
	}
}

// A proxy may add a line of its own instead of adding to the caller's.
func TestTheLastLineOfForwardedAddressesCounts(t *testing.T) {
	t.Parallel()
	h := newHarness(t, func(c *operation.Config) { c.TrustedProxies = []string{"192.0.2.0/24", "198.51.100.1"} })
	for i, lines := range [][]string{{"6.6.6.6", "2001:db8::7"}, {"6.6.6.6, 2001:db8::7", "198.51.100.1"}, {"6.6.6.6", "2001:db8::7, 198.51.100.1, 192.0.2.9"}} {
		c := h.as(h.none)
		for _, line := range lines {
			c = c.with("X-Forwarded-For", line)
		}
		c.post("/v1/me/access-keys", object{"name": fmt.Sprint("k", i)}).wants(201)
		if ip := h.logged(h.a.Account.ID)[0].IP; ip != "2001:db8::7" {
			t.Errorf("%q: the operation log has the address %s", lines, ip)
		}
	}
}

// connection remembers the deadline that the handler leaves.
type connection struct {
	*httptest.ResponseRecorder
	deadlines []time.Time
}

func (c *connection) SetReadDeadline(at time.Time) error {
	c.deadlines = append(c.deadlines, at)
	return nil
}

// TestTheTimeForABodyEndsWithIt: net/http ends the request's context when the
// deadline passes, however far the work is.
func TestTheTimeForABodyEndsWithIt(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	r := httptest.NewRequestWithContext(t.Context(), http.MethodDelete, "/v1/me/sessions/current", nil)
	r.Header.Set("Authorization", "Bearer "+h.none.token)
	c := &connection{ResponseRecorder: httptest.NewRecorder()}
	h.server.ServeHTTP(c, r)
	if n := len(c.deadlines); n != 2 || c.deadlines[0].IsZero() || !c.deadlines[1].IsZero() {
		t.Errorf("%d: the deadlines for reading were %v, want one and none", c.Code, c.deadlines)
	}
}

func TestARequestOutOfTimeIsUnavailable(t *testing.T) {
	t.Parallel()
	h := newHarness(t, func(c *operation.Config) { c.RequestTimeout = 1 })
	got := h.as(h.none).get("/v1/me").wants(503).problem(models.CodeUnavailable)
	if got.header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
}

func TestCursorsAndLimits(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	for i := range 5 {
		h.as(h.root).post("/v1/me/access-keys", object{"name": fmt.Sprint("key ", i)}).wants(201)
		h.clock.advance(1000)
	}
	first := h.as(h.root).get("/v1/me/access-keys?limit=2").wants(200)
	second := h.as(h.root).get("/v1/me/access-keys?limit=2&cursor=" + first.field("next_cursor")).wants(200)
	third := h.as(h.root).get("/v1/me/access-keys?limit=2&cursor=" + second.field("next_cursor")).wants(200)
	names := slices.Concat(first.items("name"), second.items("name"), third.items("name"))
	if fmt.Sprint(names) != "[key 4 key 3 key 2 key 1 key 0]" || third.field("next_cursor") != "" {
		t.Errorf("pages = %v, next %q", names, third.field("next_cursor"))
	}
	cursor := first.field("next_cursor")
	h.as(h.stranger).get("/v1/me/access-keys?cursor="+cursor).wants(400).problem(models.CodeMalformed).complains("query/cursor", "invalid")
	h.as(h.root).get("/v1/users?cursor=" + cursor).wants(400)
	h.as(h.root).get("/v1/me/access-keys?cursor=" + cursor[:len(cursor)-2]).wants(400)
	logs := h.as(h.root).get("/v1/operations?limit=1").wants(200).field("next_cursor")
	h.as(h.root).get("/v1/operations?limit=1&cursor=" + logs).wants(200)
	h.as(h.root).get("/v1/operations?limit=1&action=bot.create&cursor=" + logs).wants(400)
	for _, limit := range []string{"0", "-1", "101", "1000000000", "x", "1.5", "99999999999999999999"} {
		h.as(h.root).get("/v1/users?limit=" + limit).wants(422)
	}
	h.as(h.root).get("/v1/users?sort=password").wants(422).complains("query/sort", "unknown")
	h.as(h.root).get("/v1/users?limit=1&limit=2").wants(400)
}
