// Package brand holds what the platform calls itself, how it looks, and where it stands.
package brand

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"belfry.dev/belfry/catalog/markup"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/text"
)

// consolePath begins the relative links that lead to Belfry's own pages.
const consolePath = "/console/"

// Site is what the platform calls itself, how it looks, and where it stands.
type Site struct {
	// Name is the brand that is shown in messages and pages; "" means Belfry.
	Name string
	// URL is the absolute address of Belfry, for links to its pages; "" leaves them out.
	URL string
	// LinkBase is the absolute address that relative links of products are resolved
	// against; "" means URL.
	LinkBase string
	// Logo is the https address of a picture; "" for none.
	Logo string
	// Color and DarkColor are the brand's colour on light and on dark ground, as "#0958d9";
	// "" leaves the colours of Belfry.
	Color, DarkColor string
	// Footer is a line below messages and pages, such as the company's name and address.
	Footer string
	// Support is where people turn to: an e-mail address or an https address; "" for nowhere.
	Support string
	// Language is what is spoken where nobody chose; "" means Chinese.
	Language models.Locale
}

// Brand is the name that is shown.
func (s Site) Brand() string {
	if name := text.Line(s.Name); name != "" {
		return text.Cut(name, 60)
	}
	return "Belfry"
}

// plain is the colour on light ground where the site has none; it reads well on white.
const plain = "#1d4ed8"

// Shade is the colour of buttons and the like on light ground, as "#0958d9".
func (s Site) Shade() string { return cmp.Or(s.Color, plain) }

// Line is the footer as one line.
func (s Site) Line() string { return text.Cut(text.Line(s.Footer), 300) }

// SupportLink is where Support leads to; "" for nowhere.
func (s Site) SupportLink() string {
	if s.Support == "" || strings.HasPrefix(s.Support, "https://") {
		return s.Support
	}
	return "mailto:" + s.Support
}

// Locale is the language where nobody chose.
func (s Site) Locale() models.Locale { return cmp.Or(s.Language, models.LocaleZH) }

// Link makes a link absolute: itself when it is an http or https address, resolved when it
// is a path, and "" for everything else. Paths below /console/ are Belfry's own pages; all
// others are paths of the products' site.
func (s Site) Link(link string) string {
	if strings.HasPrefix(link, consolePath) {
		return AbsoluteLink(s.URL, link)
	}
	return AbsoluteLink(cmp.Or(s.LinkBase, s.URL), link)
}

// Grounds on which the brand's colours must be read, and how well (WCAG 2.2, AA).
const (
	lightGround = "#ffffff"
	darkGround  = "#141414"
	leastRatio  = 4.5
)

var colorPattern = regexp.MustCompile(`^#[0-9a-f]{6}$`)

// Check says what of the site cannot be shown, by the names of the settings; nil when all
// can.
func (s Site) Check() error {
	var wrong []error
	refuse := func(name, format string, args ...any) {
		wrong = append(wrong, fmt.Errorf("%s "+format, append([]any{name}, args...)...))
	}
	if s.LinkBase != "" && !markup.WebAddress(s.LinkBase) {
		refuse("link-base", "must be an absolute http or https address")
	}
	if s.Logo != "" && (!markup.WebAddress(s.Logo) || !strings.HasPrefix(s.Logo, "https://")) {
		refuse("brand-logo", "must be an https address")
	}
	if s.Support != "" && !supports(s.Support) {
		refuse("support-address", "must be an e-mail address or an https address")
	}
	locales := []models.Locale{models.LocaleZH, models.LocaleEN}
	if s.Language != "" && !slices.Contains(locales, s.Language) {
		refuse("language", "must be one of %v", locales)
	}
	for name, each := range map[string]struct{ color, ground string }{"brand-color": {s.Color, lightGround}, "brand-dark-color": {s.DarkColor, darkGround}} {
		switch {
		case each.color == "":
		case !colorPattern.MatchString(each.color):
			refuse(name, "must be written as #rrggbb, in lower case")
		case contrast(each.color, each.ground) < leastRatio:
			refuse(name, "%s has a contrast of %.1f on %s, and must have %.1f", each.color, contrast(each.color, each.ground), each.ground, leastRatio)
		}
	}
	return errors.Join(wrong...)
}

func supports(address string) bool {
	if strings.HasPrefix(address, "https://") {
		return markup.WebAddress(address)
	}
	parsed, err := mail.ParseAddress(address)
	return err == nil && parsed.Address == address
}

// contrast is the ratio of two colours' luminances, 1–21 (WCAG 2.2).
func contrast(a, b string) float64 {
	light, dark := luminance(a), luminance(b)
	if light < dark {
		light, dark = dark, light
	}
	return (light + 0.05) / (dark + 0.05)
}

func luminance(color string) float64 {
	weights, sum := [3]float64{0.2126, 0.7152, 0.0722}, 0.0
	for i, weight := range weights {
		value, err := strconv.ParseUint(color[1+2*i:3+2*i], 16, 8)
		if err != nil {
			return 0 // the pattern was checked
		}
		part := float64(value) / 255
		if part <= 0.04045 {
			part /= 12.92
		} else {
			part = math.Pow((part+0.055)/1.055, 2.4)
		}
		sum += weight * part
	}
	return sum
}

// AbsoluteLink returns the link as an absolute address: itself when it is an http
// or https address, resolved against the site when it is a path of it ("/orders/1"),
// and "" for everything else.
func AbsoluteLink(site, link string) string {
	if markup.WebAddress(link) {
		return link
	}
	local := strings.HasPrefix(link, "/") && !strings.HasPrefix(link, "//")
	if !local || len(link) > markup.MaxLink || strings.ContainsFunc(link, markup.Misleading) || !markup.WebAddress(site) {
		return ""
	}
	base, err := url.Parse(site)
	if err != nil {
		return ""
	}
	target, err := url.Parse(link)
	if err != nil {
		return ""
	}
	return base.ResolveReference(target).String()
}
