// Package catalog holds what Belfry ships of categories and message types, as
// data, and the renderer that turns a message type and the values of a
// submission into the texts of one notification.
//
// A message type is the folder types/<category>.<name> with type.json and, per
// locale, one file for each text: title.txt, subject.txt (e-mail), short.txt (SMS), and
// body.txt, of which all longer texts are renditions: the inbox message, the plain text and
// the HTML of an e-mail, the markup of chat platforms. content.html replaces the HTML where
// it shows more than the body says. No Go is needed for a message type.
//
// Every template, shipped or edited by an operator, is written in the language of
// package markup, passes the same checks and takes the same path, so a preview is
// what will be sent, byte for byte.
package catalog

import (
	"belfry.dev/belfry/catalog/markup"
	"belfry.dev/belfry/models"
)

// Limits of what a submission and a template may hold, and of what comes out.
const (
	// MaxVariables and MaxValue bound one submission: values, and runes a value.
	MaxVariables = 50
	MaxValue     = markup.MaxValue
	// MaxTitle bounds a rendered title and subject, MaxShort a rendered short
	// text, in runes. MaxBody bounds a rendered inbox body, MaxText and MaxHTML
	// an e-mail with its frame, in bytes. Longer results are cut.
	MaxTitle = 200
	MaxShort = 500
	MaxBody  = 32 << 10
	MaxText  = 40 << 10
	MaxHTML  = markup.MaxHTML + 24<<10

	// maxLine and maxBlock bound the source of a template, in runes of one line
	// and in bytes of several.
	maxLine  = 500
	maxBlock = 32 << 10
)

// Shipment is what a release of Belfry brings.
type Shipment struct {
	// Categories are in the order they are shown.
	Categories []models.Category
	// Types are sorted by key, enabled, trusted, and without a version: the
	// store numbers them.
	Types []models.MessageType
}

// Locales returns the languages that every shipped text exists in, the
// platform's default first.
func Locales() []models.Locale { return []models.Locale{models.LocaleZH, models.LocaleEN} }

// Audiences returns the recommendations that a message type may give, in the
// order they are shown.
func Audiences() []string {
	return []string{"finance", "o&m", "business_owner", "security_engineer", "sre"}
}
