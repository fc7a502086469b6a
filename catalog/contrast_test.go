package catalog_test

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"belfry.dev/belfry/catalog"
	"belfry.dev/belfry/models"
)

// TestMailIsReadable: every visible text of every shipped mail stands out from what is behind
// it as WCAG AA asks, 4.5 to 1, whatever its size.
func TestMailIsReadable(t *testing.T) {
	t.Parallel()
	worst := map[string]float64{}
	for _, kind := range shipped(t).Types {
		for _, severity := range []models.Severity{models.SeverityInfo, models.SeverityWarning, models.SeverityCritical} {
			mail, err := catalog.Preview(kind, models.LocaleEN, catalog.Input{
				Site: site, Link: "/orders/1", Severity: severity, Unsubscribe: "https://console.example.com/u/x",
			})
			require.NoError(t, err)
			page, err := html.Parse(strings.NewReader(mail.HTML))
			require.NoError(t, err)
			contrasts(page, "#000000", "#ffffff", worst)
		}
	}
	require.Greater(t, len(worst), 5, "no colours were found")
	for pair, ratio := range worst {
		if ratio < 4.5 {
			t.Errorf("%s has a contrast of %.2f to 1, want 4.5", pair, ratio)
		}
	}
}

var (
	textColour = regexp.MustCompile(`(?:^|;)\s*color:(#[0-9a-f]{6})`)
	backColour = regexp.MustCompile(`(?:^|;)\s*background-color:(#[0-9a-f]{6})`)
)

// contrasts notes the ratio of each pair of colours that a visible text has.
func contrasts(n *html.Node, text, back string, found map[string]float64) {
	if n.Type == html.TextNode && strings.Trim(n.Data, " \t\r\n\u00a0") != "" {
		found[text+" on "+back] = ratio(text, back)
	}
	for _, a := range n.Attr {
		if a.Key != "style" {
			continue
		}
		if strings.Contains(a.Val, "display:none") {
			return
		}
		if m := textColour.FindStringSubmatch(a.Val); m != nil {
			text = m[1]
		}
		if m := backColour.FindStringSubmatch(a.Val); m != nil {
			back = m[1]
		}
	}
	if n.Type == html.ElementNode && (n.Data == "head" || n.Data == "style") {
		return
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		contrasts(c, text, back, found)
	}
}

// ratio is the contrast of two colours. Source: WCAG 2.2, "contrast ratio".
func ratio(a, b string) float64 {
	high, low := luminance(a), luminance(b)
	if high < low {
		high, low = low, high
	}
	return (high + 0.05) / (low + 0.05)
}

func luminance(colour string) float64 {
	sum := 0.0
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		part, _ := strconv.ParseUint(colour[1+2*i:3+2*i], 16, 8) // the pattern has hexadecimal digits only
		c := float64(part) / 255
		if c <= 0.04045 {
			sum += weight * c / 12.92
			continue
		}
		sum += weight * math.Pow((c+0.055)/1.055, 2.4)
	}
	return sum
}
