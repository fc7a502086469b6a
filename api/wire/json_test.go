package wire_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"belfry.dev/belfry/api/wire"
	"belfry.dev/belfry/models"
)

func TestParseRefusesWhatReadersDisagreeAbout(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ body, code, pointer string }{
		"empty":                    {"", "syntax", "#"},
		"trailing data":            {`{} {}`, "trailing-data", "#"},
		"trailing comma":           {`{"a":1,}`, "syntax", "#"},
		"duplicate key":            {`{"a":1,"a":2}`, "duplicate-key", "#/a"},
		"case variant":             {`{"account_id":1,"ACCOUNT_ID":2}`, "duplicate-key", "#/ACCOUNT_ID"},
		"escaped duplicate":        {`{"a":1,"\u0061":2}`, "duplicate-key", "#/a"},
		"nested duplicate":         {`{"a":[{"b":1,"B":1}]}`, "duplicate-key", "#/a/0/B"},
		"invalid UTF-8":            {"{\"a\":\"\xff\"}", "invalid-utf8", "#"},
		"overlong":                 {"{\"a\":\"\xc0\xaf\"}", "invalid-utf8", "#"},
		"encoded surrogate":        {"{\"a\":\"\xed\xa0\x80\"}", "invalid-utf8", "#"},
		"lone high surrogate":      {`{"a":"\ud800"}`, "lone-surrogate", "#/a"},
		"lone low surrogate":       {`{"a":"\udc00x"}`, "lone-surrogate", "#/a"},
		"reversed pair":            {`{"a":"\udc00\ud800"}`, "lone-surrogate", "#/a"},
		"raw NUL":                  {"{\"a\":\"\x00\"}", "control-character", "#/a"},
		"raw line feed":            {"{\"a\":\"\n\"}", "control-character", "#/a"},
		"raw control after escape": {"{\"a\":\"\\n\x01\"}", "control-character", "#/a"},
		"byte order mark":          {"\ufeff{}", "syntax", "#"},
		"leading zero":             {`{"a":01}`, "syntax", "#"},
		"plus":                     {`{"a":+1}`, "syntax", "#/a"},
		"NaN":                      {`{"a":NaN}`, "syntax", "#/a"},
		"Infinity":                 {`{"a":-Infinity}`, "syntax", "#/a"},
		"hexadecimal":              {`{"a":0x1}`, "syntax", "#"},
		"bare point":               {`{"a":1.}`, "syntax", "#/a"},
		"beyond float64":           {`{"a":1e309}`, "number-out-of-range", "#/a"},
		"endless number":           {`{"a":` + strings.Repeat("1", 65) + `}`, "number-too-long", "#/a"},
		"bad escape":               {`{"a":"\x"}`, "syntax", "#/a"},
		"short escape":             {`{"a":"\u12"}`, "syntax", "#/a"},
		"signed escape":            {`{"a":"\u+123"}`, "syntax", "#/a"},
		"open string":              {`{"a":"`, "syntax", "#/a"},
		"comment":                  {`{/**/}`, "syntax", "#"},
		"single quotes":            {`{'a':1}`, "syntax", "#"},
		"too deep":                 {strings.Repeat("[", 10_001), "too-deep", "#"},
		"too many":                 {"[" + strings.Repeat("0,", 100_000) + "0]", "too-many-values", "#"},
	} {
		_, err := wire.Parse([]byte(c.body))
		e, ok := errors.AsType[*models.Error](err)
		if !ok || e.Code != models.CodeMalformed || len(e.Fields) != 1 {
			t.Errorf("%s: Parse() = %v, want one malformed field", name, err)
			continue
		}
		if e.Fields[0].Code != c.code || (c.pointer != "#" && e.Fields[0].Pointer != c.pointer) {
			t.Errorf("%s: Parse() = %v, want %s at %s", name, e.Fields[0], c.code, c.pointer)
		}
	}
}

func TestParseKeepsWhatWasWritten(t *testing.T) {
	t.Parallel()
	value, err := wire.Parse([]byte(" {\"n\": 9007199254740993, \"s\":\"a\\u0000\\ud83d\\ude00\\\"\\/é\", \"l\":[true,null,-0.5E+2]} \n"))
	if err != nil {
		t.Fatal(err)
	}
	if got := value.Members[0].Value.Text; got != "9007199254740993" {
		t.Errorf("number = %q: digits are lost", got)
	}
	if got := value.Members[1].Value.Text; got != "a\x00😀\"/é" {
		t.Errorf("string = %q", got)
	}
	if items := value.Members[2].Value.Items; len(items) != 3 || items[1].Kind != wire.Null || items[2].Text != "-0.5E+2" {
		t.Errorf("list = %v", items)
	}
}

func TestLongPointersAreCut(t *testing.T) {
	t.Parallel()
	_, err := wire.Parse([]byte(`{"` + strings.Repeat("k", 1<<20) + `":tru}`))
	e, _ := errors.AsType[*models.Error](err)
	if got := len(e.Fields[0].Pointer); got > 300 {
		t.Errorf("the pointer repeats %d bytes of the caller's key", got)
	}
}

// FuzzStrictJSON: no panic; what passes is valid for encoding/json too, reads the
// same, and means the same after a round trip.
func FuzzStrictJSON(f *testing.F) {
	for _, seed := range []string{
		`{}`, `{"a":[1,2.50,-0,1e3],"b":{"c":null}}`, `"\ud83d\ude00"`, `{"a":1,"A":2}`, `[[[[]]]]`,
		`{"__proto__":1}`, `"\u0000"`, "\"\u2028\"", `1e309`, `nul`, `{"a":"\`, "\xff", `-`, `{"a" : "b" , "c" : [ ] }`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		value, err := wire.Parse(data)
		if err != nil {
			if models.CodeOf(err) != models.CodeMalformed {
				t.Fatalf("Parse(%q) = %v, want malformed", data, err)
			}
			return
		}
		var decoded any
		if err := json.Unmarshal(data, &decoded); err != nil {
			t.Fatalf("Parse(%q) passed what encoding/json refuses: %v", data, err)
		}
		again, err := json.Marshal(decoded)
		if err != nil {
			t.Fatal(err)
		}
		back, err := wire.Parse(again)
		if err != nil {
			t.Fatalf("Parse(%q) after a round trip: %v", again, err)
		}
		if strings.Trim(string(data), " \t\r\n") != "" && back.Kind != value.Kind {
			t.Fatalf("%q became another kind of value after a round trip", data)
		}
	})
}
