package house_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestBlocksOfDocumentsSayWhatTheyAre: sh is run by a test of e2e; what a reader types and
// no test can run is console.
func TestBlocksOfDocumentsSayWhatTheyAre(t *testing.T) {
	t.Parallel()
	known := []string{"sh", "console", "text", "json", "yaml", "http", "go", "mermaid"}
	files, err := filepath.Glob("../../docs/*.md")
	if err != nil || len(files) < 10 {
		t.Fatalf("the documents are not there: %v, %v", files, err)
	}
	for _, file := range append(files, "../../README.md", "../../CONTRIBUTING.md") {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		open := false
		for i, line := range strings.Split(string(text), "\n") {
			mark := regexp.MustCompile("^ *```(.*)$").FindStringSubmatch(line)
			if mark == nil {
				continue
			}
			if open = !open; open && !slices.Contains(known, mark[1]) {
				t.Errorf("%s:%d: a block in %q; it must be one of %v", file, i+1, mark[1], known)
			}
		}
	}
}
