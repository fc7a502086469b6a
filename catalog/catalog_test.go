package catalog_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/catalog"
	"belfry.dev/belfry/catalog/brand"
	"belfry.dev/belfry/models"
)

func shipped(t *testing.T) catalog.Shipment {
	t.Helper()
	s, err := catalog.Shipped()
	require.NoError(t, err)
	return s
}

func typeNamed(t *testing.T, key string) models.MessageType {
	t.Helper()
	for _, each := range shipped(t).Types {
		if each.Key == key {
			return each
		}
	}
	t.Fatalf("no message type %s", key)
	return models.MessageType{}
}

// site is the platform of the tests.
var site = brand.Site{Name: "Example Cloud", URL: "https://console.example.com"}

func texts(r models.Rendered) map[string]string {
	return map[string]string{
		"title": r.Title, "body": r.Body, "subject": r.Subject, "text": r.Text, "html": r.HTML, "short": r.Short,
	}
}

func TestEveryShippedTextRendersFromItsSamples(t *testing.T) {
	t.Parallel()
	for _, each := range shipped(t).Types {
		for _, locale := range catalog.Locales() {
			t.Run(each.Key+"/"+locale, func(t *testing.T) {
				t.Parallel()
				got, err := catalog.Preview(each, locale, catalog.Input{Site: site, Link: "/orders/1"})
				require.NoError(t, err)
				assert.Equal(t, locale, got.Locale)
				assert.Equal(t, "https://console.example.com/orders/1", got.Link)
				for format, text := range texts(got) {
					assert.NotEmpty(t, text, format)
					assert.NotContains(t, text, "{{", format)
					assert.NotContains(t, text, "}}", format)
					assert.True(t, utf8.ValidString(text), format)
				}
				for _, line := range []string{got.Title, got.Subject, got.Short} {
					assert.NotContains(t, line, "\n")
				}
				assert.LessOrEqual(t, utf8.RuneCountInString(got.Title), 100, "a title is read in a list")
				assert.LessOrEqual(t, utf8.RuneCountInString(got.Subject), 150, "a subject is read in a list")
				assert.Less(t, len(got.HTML), 100<<10, "mail clients cut longer ones")
				assert.NotContains(t, got.Body, "\n\n\n")
			})
		}
	}
}

// One part of an SMS holds 70 characters, or 160 when all are of the GSM alphabet.
func TestShippedShortTextsFitOneSMS(t *testing.T) {
	t.Parallel()
	for _, each := range shipped(t).Types {
		zh, err := catalog.Preview(each, models.LocaleZH, catalog.Input{})
		require.NoError(t, err)
		assert.LessOrEqual(t, utf8.RuneCountInString(zh.Short), 70, "%s: %s", each.Key, zh.Short)
		en, err := catalog.Preview(each, models.LocaleEN, catalog.Input{})
		require.NoError(t, err)
		assert.LessOrEqual(t, len(en.Short), 110, "%s: %s", each.Key, en.Short)
		assert.False(t, strings.ContainsFunc(en.Short, func(r rune) bool { return r > 126 }), "%s: %s", each.Key, en.Short)
	}
}

func TestEveryDeclaredVariableIsShown(t *testing.T) {
	t.Parallel()
	for _, each := range shipped(t).Types {
		for _, locale := range catalog.Locales() {
			values := map[string]string{}
			for _, v := range each.Variables {
				values[v.Name] = "value-of-" + v.Name + "."
			}
			got, err := catalog.Render(each, locale, catalog.Input{Variables: values})
			require.NoError(t, err)
			for name, value := range values {
				for format, text := range map[string]string{"body": got.Body, "text": got.Text, "html": got.HTML} {
					assert.Contains(t, text, value, "%s %s %s does not show %s", each.Key, locale, format, name)
				}
			}
		}
	}
}

func TestOptionalVariablesLeaveNoTrace(t *testing.T) {
	t.Parallel()
	for _, each := range shipped(t).Types {
		for _, locale := range catalog.Locales() {
			values := catalog.Samples(each, locale)
			for _, v := range each.Variables {
				if !v.Required {
					delete(values, v.Name)
				}
			}
			got, err := catalog.Render(each, locale, catalog.Input{Variables: values})
			require.NoError(t, err)
			for _, line := range strings.Split(got.Body, "\n") {
				assert.False(t, strings.HasSuffix(line, ": ") || strings.HasSuffix(line, "："), "%s %s: %q", each.Key, locale, line)
			}
			assert.NotContains(t, got.HTML, "<td style=\"\"></td>")
			assert.NotRegexp(t, `<td[^>]*></td>`, strings.ReplaceAll(got.HTML, "\n", ""), each.Key)
		}
	}
}

func TestRemindersStateTheDateAndTheDaysLeft(t *testing.T) {
	t.Parallel()
	dates := map[string]string{"product.expiry_": "expires_on", "product.release_": "release_on"}
	seen := 0
	for _, each := range shipped(t).Types {
		for prefix, date := range dates {
			if !strings.HasPrefix(each.Key, prefix) {
				continue
			}
			seen++
			for _, locale := range catalog.Locales() {
				values := catalog.Samples(each, locale)
				values[date], values["days_left"] = "2031-12-24", "4711"
				got, err := catalog.Render(each, locale, catalog.Input{Variables: values})
				require.NoError(t, err)
				for format, text := range texts(got) {
					assert.Contains(t, text, "2031-12-24", "%s %s %s", each.Key, locale, format)
					assert.Contains(t, text, "4711", "%s %s %s", each.Key, locale, format)
				}
			}
		}
	}
	assert.Equal(t, 7, seen, "30/15/7/3/1 before expiry, 3/1 before release")
}

func TestShippedTypesCoverWhatThePlatformPromises(t *testing.T) {
	t.Parallel()
	var keys []string
	for _, each := range shipped(t).Types {
		keys = append(keys, each.Key)
	}
	assert.True(t, slices.IsSorted(keys))
	for _, key := range strings.Fields(`
		account.low_balance account.balance_warning account.balance_insufficient account.credit_limit account.refund
		account.payment_received account.coupon
		product.education product.creation product.activation product.expiry_30 product.expiry_15 product.expiry_7
		product.expiry_3 product.expiry_1 product.expired product.release_3 product.release_1 product.released
		product.renewal_succeeded product.renewal_failed product.feature_online
		security.vulnerability security.ddos security.unusual_sign_in security.violation security.account_warning
		exception.instance_failure exception.database_failure exception.om_notice exception.monitor_alert
		exception.bot_suspended exception.bot_failing exception.provider_suspended
		activity.promotion activity.launch activity.commercialisation activity.upgrade
		service.contract service.bill service.invoice other.survey`) {
		assert.Contains(t, keys, key)
	}
	var categories []string
	for _, c := range shipped(t).Categories {
		categories = append(categories, c.Key)
		assert.ElementsMatch(t, catalog.Locales(), slices.Collect(maps.Keys(c.Names)))
	}
	assert.Equal(t, []string{"account", "product", "security", "exception", "activity", "service", "other"}, categories)
}

// The cells that nobody can switch off, and those that must stay free.
func TestLocksAreTheOnesTheRulesName(t *testing.T) {
	t.Parallel()
	all := []models.Channel{models.ChannelInbox, models.ChannelEmail, models.ChannelSMS}
	locked := strings.Fields(`account.low_balance account.balance_warning account.balance_insufficient
		product.expiry_7 product.expiry_3 product.expiry_1 product.expired product.release_3 product.release_1 product.released`)
	strict := []string{"account.balance_warning", "account.balance_insufficient"}
	for _, each := range shipped(t).Types {
		if slices.Contains(locked, each.Key) {
			assert.ElementsMatch(t, all, each.Locked, each.Key)
		} else {
			assert.Empty(t, each.Locked, each.Key)
		}
		assert.Equal(t, slices.Contains(strict, each.Key), each.Strict, each.Key)
		assert.Equal(t, each.Category == "activity", each.Marketing, each.Key)
		assert.True(t, each.IsDefault(models.ChannelInbox) || each.Internal, each.Key)
		assert.True(t, each.Enabled && each.Trusted, each.Key)
	}
}

const goodType = `{"names": {"zh-CN": "甲", "en-US": "A"}, "descriptions": {"zh-CN": "甲", "en-US": "A"},
	"audience": ["sre"], "severity": "info", "deadline_seconds": 60, "default": ["inbox"], "locked": [],
	"strict": false, "marketing": false, "at_most_once": false,
	"variables": [{"name": "x", "required": true, "samples": {"zh-CN": "1", "en-US": "1"}}]}`

func goodCatalogue() fstest.MapFS {
	files := fstest.MapFS{
		"categories.json":         {Data: []byte(`[{"key": "other", "position": 1, "names": {"zh-CN": "其他", "en-US": "Other"}}]`)},
		"types/other.a/type.json": {Data: []byte(goodType)},
	}
	for _, locale := range catalog.Locales() {
		for _, name := range []string{"title.txt", "body.txt", "subject.txt", "content.html", "short.txt"} {
			files["types/other.a/"+locale+"/"+name] = &fstest.MapFile{Data: []byte("x {{x}}\n")}
		}
	}
	return files
}

func TestLoaderNamesTheFileThatIsWrong(t *testing.T) {
	t.Parallel()
	_, err := catalog.Load(goodCatalogue())
	require.NoError(t, err)
	replace := func(old, new string) string { return strings.Replace(goodType, old, new, 1) }
	cases := map[string]struct{ file, content, want string }{
		"unknown member":    {"types/other.a/type.json", replace(`"strict"`, `"strickt"`), "types/other.a/type.json"},
		"trailing data":     {"types/other.a/type.json", goodType + "{}", "types/other.a/type.json"},
		"bad severity":      {"types/other.a/type.json", replace(`"info"`, `"loud"`), "types/other.a: type.json: #/severity"},
		"unknown variable":  {"types/other.a/en-US/body.txt", "{{y}}", "types/other.a: en-US/body.txt"},
		"forbidden element": {"types/other.a/zh-CN/content.html", "<script>x</script>", "types/other.a: zh-CN/content.html"},
		"empty short":       {"types/other.a/zh-CN/short.txt", "\n", "types/other.a: zh-CN/short.txt"},
		"carriage return":   {"types/other.a/zh-CN/short.txt", "x\r\n", "types/other.a/zh-CN/short.txt"},
		"not UTF-8":         {"types/other.a/zh-CN/short.txt", "\xff", "types/other.a/zh-CN/short.txt"},
		"stray file":        {"types/other.a/zh-CN/shrot.txt", "x", "types/other.a/zh-CN/shrot.txt"},
		"stray locale":      {"types/other.a/fr-FR/title.txt", "x", "types/other.a/fr-FR"},
		"no category":       {"types/nothing.a/type.json", goodType, "types/nothing.a"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files := goodCatalogue()
			files[c.file] = &fstest.MapFile{Data: []byte(c.content)}
			_, err := catalog.Load(files)
			require.Error(t, err)
			assert.Contains(t, err.Error(), c.want)
		})
	}
	t.Run("no HTML of its own", func(t *testing.T) {
		t.Parallel()
		files := goodCatalogue()
		delete(files, "types/other.a/en-US/content.html")
		got, err := catalog.Load(files)
		require.NoError(t, err)
		assert.Empty(t, got.Types[0].Templates[models.LocaleEN].HTML)
	})
	t.Run("missing file", func(t *testing.T) {
		t.Parallel()
		files := goodCatalogue()
		delete(files, "types/other.a/en-US/title.txt")
		_, err := catalog.Load(files)
		assert.ErrorContains(t, err, "types/other.a/en-US/title.txt")
	})
}

// TestARungHasOnlyWhatIsItsOwn: members, variables and texts that it lacks are those of the
// type that it extends.
func TestARungHasOnlyWhatIsItsOwn(t *testing.T) {
	t.Parallel()
	files := goodCatalogue()
	files["types/other.b/type.json"] = &fstest.MapFile{Data: []byte(`{"extends": "other.a", "severity": "critical",
		"variables": [{"name": "y", "required": false, "samples": {"zh-CN": "2", "en-US": "2"}}]}`)}
	files["types/other.b/en-US/title.txt"] = &fstest.MapFile{Data: []byte("mine {{y}}")}
	got, err := catalog.Load(files)
	require.NoError(t, err)
	whole, rung := got.Types[0], got.Types[1]
	assert.Equal(t, models.SeverityInfo, whole.Severity)
	assert.Equal(t, models.SeverityCritical, rung.Severity)
	assert.Equal(t, whole.DeadlineSeconds, rung.DeadlineSeconds)
	assert.Len(t, whole.Variables, 1)
	assert.Equal(t, []string{"x", "y"}, []string{rung.Variables[0].Name, rung.Variables[1].Name})
	assert.Equal(t, "mine {{y}}", rung.Templates[models.LocaleEN].Title)
	assert.Equal(t, whole.Templates[models.LocaleEN].Body, rung.Templates[models.LocaleEN].Body)
	assert.Equal(t, whole.Templates[models.LocaleZH], rung.Templates[models.LocaleZH])
	for name, content := range map[string]string{
		"no such type": `{"extends": "other.none"}`, "two steps": `{"extends": "other.b"}`,
	} {
		broken := maps.Clone(files)
		broken["types/other.c/type.json"] = &fstest.MapFile{Data: []byte(content)}
		_, err := catalog.Load(broken)
		assert.ErrorContains(t, err, "types/other.c", name)
	}
}
