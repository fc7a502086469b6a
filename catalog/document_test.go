package catalog_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/catalog"
	"belfry.dev/belfry/models"
)

var update = flag.Bool("update", false, "write docs/catalogue.md anew")

const documentHead = `# Catalogue

The categories and message types that Belfry ships, generated from ` + "`catalog/types`" + ` by
` + "`go test ./catalog -run TestTheCatalogueDocumentIsCurrent -update`" + `. Operators add and change message types
at run time (` + "`message_type.create`, `message_type.update`" + `).

**Cells** are the channels over which the account contact gets a type unless the account chose otherwise. A
*locked* cell is a floor: nobody can switch it off. *Strict* types cannot be added to either. The account's inbox
gets everything in any case, and bots are a list of their own. *Internal* types are Belfry's own: nobody submits them,
and they are no part of a subscription. **Variables** are what a submission gives; those
with a * are required. Templates may also use ` + "`link`, `unsubscribe_link`, `brand` and `type_name`" + `, which Belfry provides.

The **body** is the one source of all longer texts: the inbox message, the plain text and the HTML of an e-mail, and
the markup of chat platforms are renditions of it. Each of its lines is a block: ` + "`Label: {{name}}`" + ` is a fact (a row of a
table, a bold label), a line that begins with ` + "`! `" + ` warns, all others are paragraphs, the first of them larger. A value
never makes a block: a line feed in it is a line feed. An e-mail's text and HTML may be given instead; a rung of a
ladder (` + "`extends`" + `) has only what differs from another type.

Templates are written in one small language: ` + "`{{name}}`" + ` stands for a value, and
` + "`{{#if name}}…{{else}}…{{/if}}`" + ` shows its first part when the value is not empty. There is nothing else. The HTML of
an e-mail is the content only, in plain elements (paragraphs, lists, tables, links, emphasis); the frame around it
and the styles come from Belfry. Links must be absolute or one placeholder; values are text everywhere.
`

func TestTheCatalogueDocumentIsCurrent(t *testing.T) {
	t.Parallel()
	path := filepath.Join("..", "docs", "catalogue.md")
	want := catalogueDocument(shipped(t))
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(want), 0o600))
	}
	got, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, want, string(got), "run this test with -update")
}

func catalogueDocument(s catalog.Shipment) string {
	var b strings.Builder
	b.WriteString(documentHead)
	for _, category := range s.Categories {
		fmt.Fprintf(&b, "\n## `%s` · %s · %s\n", category.Key, category.Names[models.LocaleZH], category.Names[models.LocaleEN])
		for _, mt := range s.Types {
			if mt.Category == category.Key {
				describeType(&b, mt)
			}
		}
	}
	return b.String()
}

func describeType(b *strings.Builder, mt models.MessageType) {
	fmt.Fprintf(b, "\n### `%s`\n\n%s · %s. %s\n\n", mt.Key, mt.Names[models.LocaleZH], mt.Names[models.LocaleEN], mt.Descriptions[models.LocaleEN])
	fmt.Fprintf(b, "- For: %s\n", strings.Join(mt.Audience, ", "))
	fmt.Fprintf(b, "- Severity: %s; tried for at most %s\n", mt.Severity, strings.TrimSuffix((time.Duration(mt.DeadlineSeconds)*time.Second).String(), "0m0s"))
	fmt.Fprintf(b, "- Cells: %s\n", cells(mt))
	var names []string
	for _, v := range mt.Variables {
		name := "`" + v.Name + "`"
		if v.Required {
			name += "\\*"
		}
		names = append(names, name)
	}
	fmt.Fprintf(b, "- Variables: %s\n", strings.Join(names, ", "))
}

func cells(mt models.MessageType) string {
	var list []string
	for _, c := range mt.Default {
		cell := string(c)
		if mt.IsLocked(c) {
			cell += " (locked)"
		}
		list = append(list, cell)
	}
	text := strings.Join(list, ", ")
	if mt.Strict {
		text += "; strict"
	}
	if mt.Marketing {
		text += "; carries an unsubscribe link"
	}
	if mt.Internal {
		text += "; internal"
	}
	return text
}
