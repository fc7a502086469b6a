package jsonvalue_test

import (
	"encoding/json"
	"strings"
	"testing"

	"belfry.dev/belfry/channels/jsonvalue"
)

func TestValuesAreFoundByTheirPath(t *testing.T) {
	t.Parallel()
	d := json.NewDecoder(strings.NewReader(`{"code": 0, "ok": true, "list": [{"name": "first"}], "none": null}`))
	d.UseNumber()
	var root any
	if err := d.Decode(&root); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{"code": "0", "ok": "true", "list.0.name": "first"} {
		if got, found := jsonvalue.At(root, path); !found || got != want {
			t.Errorf("%s = %q, %v", path, got, found)
		}
	}
	for _, path := range []string{"", "none", "list", "list.1.name", "list.-1", "list.x", "code.deeper", "nothing"} {
		if got, found := jsonvalue.At(root, path); found {
			t.Errorf("%s = %q", path, got)
		}
	}
}

func TestTextsAreReplacedAndNamesStay(t *testing.T) {
	t.Parallel()
	in := map[string]any{"a": []any{"a", map[string]any{"a": "a"}, 1.0}}
	out, err := json.Marshal(jsonvalue.Walk(in, strings.ToUpper))
	if want := `{"a":["A",{"a":"A"},1]}`; err != nil || string(out) != want {
		t.Errorf("%s, %v", out, err)
	}
}
