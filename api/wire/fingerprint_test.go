package wire_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"

	"belfry.dev/belfry/api/wire"
)

func fingerprint(t *testing.T, body string) []byte {
	t.Helper()
	value, err := wire.Parse([]byte(body))
	if err != nil {
		t.Fatalf("Parse(%q): %v", body, err)
	}
	return wire.NewFingerprints(testKey()).Of(&value)
}

func TestFingerprintSeesMeaningOnly(t *testing.T) {
	t.Parallel()
	same := [][2]string{
		{`{"a":1,"b":[true,null]}`, "{ \"b\" : [true,\nnull], \"a\" : 1.0 }"},
		{`"\u0041\/"`, `"A/"`},
		{`[1200, 0.05, -0, 0e9]`, `[1.2E3, 5e-2, 0, 0.000]`},
		{`100000000000000000000000`, `1e23`},
	}
	for _, c := range same {
		if !bytes.Equal(fingerprint(t, c[0]), fingerprint(t, c[1])) {
			t.Errorf("%s and %s mean the same", c[0], c[1])
		}
	}
	differing := [][2]string{
		{`{"a":1}`, `{"a":"1"}`},
		{`{"a":null}`, `{}`},
		{`[1,2]`, `[2,1]`},
		{`[[1],2]`, `[[1,2]]`},
		{`9007199254740993`, `9007199254740992`},
		{`1`, `-1`},
		{`"a\",\"b"`, `["a","b"]`},
		{`["a","b"]`, `["a\",\"b"]`},
		{`["a\"\"","b"]`, `["a\"","\"b"]`},
		{`10`, `1`},
		{`{"a":{}}`, `{"a":[]}`},
		{`1e2`, `1e-2`},
		{`"true"`, `true`},
	}
	for _, c := range differing {
		if bytes.Equal(fingerprint(t, c[0]), fingerprint(t, c[1])) {
			t.Errorf("%s and %s differ", c[0], c[1])
		}
	}
}

func TestNoBodyDiffersFromEveryBody(t *testing.T) {
	t.Parallel()
	f := wire.NewFingerprints(testKey())
	for _, body := range []string{`null`, `{}`, `""`, `0`} {
		if bytes.Equal(f.Of(nil), fingerprint(t, body)) {
			t.Errorf("no body has the fingerprint of %s", body)
		}
	}
	if bytes.Equal(f.Of(nil, "a", "b"), f.Of(nil, "ab", "")) {
		t.Error("parts can be shifted into one another")
	}
}

// FuzzIdempotencyFingerprint: two bodies have the same canonical form exactly when
// encoding/json reads the same values from them (numbers by their digits).
func FuzzIdempotencyFingerprint(f *testing.F) {
	for _, seed := range [][2]string{
		{`{"a":1,"b":2}`, `{"b":2,"a":1}`},
		{`{"a":"x"}`, `{"a":"\u0078"}`},
		{`[1,2]`, `[2,1]`},
		{`{"a":{"b":"c"}}`, `{"a":{"b":"d"}}`},
		{`["\""]`, `["\"\""]`},
		{`{"a":1}`, `{"a":1.0}`},
		{`"é"`, `"é"`},
	} {
		f.Add([]byte(seed[0]), []byte(seed[1]))
	}
	f.Fuzz(func(t *testing.T, a, b []byte) {
		x, errX := wire.Parse(a)
		y, errY := wire.Parse(b)
		if errX != nil || errY != nil {
			return
		}
		var decodedX, decodedY any
		if json.Unmarshal(a, &decodedX) != nil || json.Unmarshal(b, &decodedY) != nil {
			t.Fatal("encoding/json refuses what Parse passes")
		}
		same := wire.Canonical(x) == wire.Canonical(y)
		if same && !reflect.DeepEqual(decodedX, decodedY) {
			t.Fatalf("%s and %s differ and have one fingerprint", a, b)
		}
		marshalled, err := json.Marshal(rebuilt(x))
		if err != nil {
			t.Fatal(err)
		}
		again, err := wire.Parse(marshalled)
		if err != nil || wire.Canonical(again) != wire.Canonical(x) {
			t.Fatalf("%s changes its fingerprint when it is written anew as %s", a, marshalled)
		}
	})
}

// rebuilt rebuilds a value for encoding/json, which sorts members; numbers
// keep their literals.
func rebuilt(v wire.Value) any {
	switch v.Kind {
	case wire.Bool:
		return v.Text == "true"
	case wire.Number:
		return json.Number(v.Text)
	case wire.String:
		return v.Text
	case wire.Array:
		list := []any{}
		for _, item := range v.Items {
			list = append(list, rebuilt(item))
		}
		return list
	case wire.Object:
		object := map[string]any{}
		for _, m := range v.Members {
			object[m.Key] = rebuilt(m.Value)
		}
		return object
	}
	return nil
}
