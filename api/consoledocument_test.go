package api_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// TestTheDocumentOfTheConsoleIsCurrent keeps web/api/openapi.json, of which the console's
// client is generated, what the server serves.
func TestTheDocumentOfTheConsoleIsCurrent(t *testing.T) {
	t.Parallel()
	served, err := newHarness(t).server.OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	document := map[string]any{}
	if err := json.Unmarshal(served, &document); err != nil {
		t.Fatal(err)
	}
	delete(document, "servers") // the console stands where the interface does
	want, err := json.MarshalIndent(document, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	want = append(want, '\n')
	path := filepath.Join("..", "web", "api", "openapi.json")
	if *update {
		if err := os.WriteFile(path, want, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("web/api/openapi.json is not what the server serves: run make generate")
	}
}
