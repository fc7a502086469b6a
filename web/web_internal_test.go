package web

import (
	"bytes"
	"compress/gzip"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
)

// built is a console as the build leaves it, made small.
func built(t *testing.T) *Handler {
	t.Helper()
	pack := func(text string) *fstest.MapFile {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return &fstest.MapFile{Data: b.Bytes()}
	}
	return &Handler{policy: policy, files: fstest.MapFS{
		"index.html":          {Data: []byte(`<meta name="csp-nonce" content="NONCE"><script src="/console/assets/main-1.js"></script>`)},
		"frame.html.gz":       pack("a frame"),
		"bell.js.gz":          pack("ring()"),
		"licences.md.gz":      pack("thanks"),
		"assets/main-1.js.gz": pack("start()"),
	}}
}

func ask(t *testing.T, h http.Handler, path string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

var nonceOf = regexp.MustCompile(`'nonce-([A-Za-z0-9+/=]{24})'`)

func TestEveryPageHasANonceOfItsOwn(t *testing.T) {
	t.Parallel()
	h, seen := built(t), map[string]bool{}
	for _, path := range []string{"/console", "/console/", "/console/inbox", "/console/n/ntf_1", "/console/contacts/a.b"} {
		w := ask(t, h, path)
		m := nonceOf.FindStringSubmatch(w.Header().Get("Content-Security-Policy"))
		if w.Code != http.StatusOK || m == nil || !strings.Contains(w.Body.String(), `content="`+m[1]+`"`) {
			t.Fatalf("%s: %d %v %s: the page must carry the nonce of its policy", path, w.Code, w.Header(), w.Body)
		}
		if seen[m[1]] {
			t.Errorf("%s has the nonce of an earlier answer", path)
		}
		seen[m[1]] = true
		if got := w.Header().Get("Cache-Control"); got != "no-store" {
			t.Errorf("%s: Cache-Control = %q: a nonce must not be kept", path, got)
		}
		if strings.Contains(w.Header().Get("Content-Security-Policy"), "unsafe") {
			t.Errorf("%s: the policy allows what is unsafe", path)
		}
	}
}

func TestAssetsAreKeptForEverAndUnknownOnesAreNotFound(t *testing.T) {
	t.Parallel()
	h := built(t)
	packed := ask(t, h, "/console/assets/main-1.js", "Accept-Encoding", "gzip, br")
	if packed.Header().Get("Content-Encoding") != "gzip" || !strings.Contains(packed.Header().Get("Cache-Control"), "immutable") {
		t.Errorf("an asset came with %v", packed.Header())
	}
	if plain := ask(t, h, "/console/assets/main-1.js"); plain.Body.String() != "start()" || !strings.HasPrefix(plain.Header().Get("Content-Type"), "text/javascript") {
		t.Errorf("without gzip the asset is %q (%v), want start()", plain.Body, plain.Header())
	}
	for _, path := range []string{"/console/assets/main-2.js", "/console/assets/", "/console/assets/../index.html"} {
		if w := ask(t, h, path); w.Code != http.StatusNotFound || strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
			t.Errorf("%s = %d %v, want 404 that nobody keeps", path, w.Code, w.Header())
		}
	}
}

func TestFilesWithAddressesThatStayAreAskedForAgain(t *testing.T) {
	t.Parallel()
	h := built(t)
	for path, want := range map[string]string{"/console/bell.js": "ring()", "/console/licences.md": "thanks"} {
		if w := ask(t, h, path); w.Body.String() != want || w.Header().Get("Cache-Control") != "no-cache" {
			t.Errorf("%s = %q %v, want %q and no-cache", path, w.Body, w.Header(), want)
		}
	}
	frame := ask(t, h, "/console/frame.html")
	if policy := frame.Header().Get("Content-Security-Policy"); !strings.Contains(policy, "frame-ancestors 'self'") || frame.Body.String() != "a frame" {
		t.Errorf("the frame came with %q: the console alone may show it", policy)
	}
}

func TestABinaryWithoutTheConsoleSaysSo(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/console/", "/console/inbox", "/console/bell.js"} {
		w := ask(t, &Handler{}, path)
		if !strings.Contains(w.Body.String(), "make web build") {
			t.Errorf("%s = %d %q, want a page that says how to build the console", path, w.Code, w.Body)
		}
	}
}

// TestWhatWasBuiltIsWhole looks at the console that is built in, if one is.
func TestWhatWasBuiltIsWhole(t *testing.T) {
	t.Parallel()
	h := New("")
	if !h.Built() {
		if _, err := fs.Stat(dist, "dist/placeholder.html"); err != nil {
			t.Error("there is neither a console nor the page in its place")
		}
		return
	}
	page := ask(t, h, "/console/").Body.String()
	for _, m := range regexp.MustCompile(`(?:src|href)="(/console/[^"]+)"`).FindAllStringSubmatch(page, -1) {
		if w := ask(t, h, m[1]); w.Code != http.StatusOK {
			t.Errorf("index.html asks for %s, which is %d", m[1], w.Code)
		}
	}
	for _, path := range []string{"/console/bell.js", "/console/frame.html", "/console/licences.md"} {
		if w := ask(t, h, path, "Accept-Encoding", "gzip"); w.Header().Get("Content-Encoding") != "gzip" {
			t.Errorf("%s is not there", path)
		}
	}
}

func TestTheLogoOfThePlatformMayBeShown(t *testing.T) {
	t.Parallel()
	h := built(t)
	h.policy = New("https://cdn.example.com/logo.png").policy
	if got := ask(t, h, "/console/").Header().Get("Content-Security-Policy"); !strings.Contains(got, "img-src 'self' https://cdn.example.com data:;") {
		t.Errorf("with a logo: %s", got)
	}
	if got := ask(t, built(t), "/console/").Header().Get("Content-Security-Policy"); !strings.Contains(got, "img-src 'self' data:;") {
		t.Errorf("without a logo: %s", got)
	}
}

func TestPagesOfOtherOriginsMayLoadTheBellAndNothingElse(t *testing.T) {
	t.Parallel()
	h := built(t)
	for path, want := range map[string]string{"/console/bell.js": "*", "/console/assets/main-1.js": "", "/console/": "", "/console/frame.html": ""} {
		if got := ask(t, h, path).Header().Get("Access-Control-Allow-Origin"); got != want {
			t.Errorf("%s: Access-Control-Allow-Origin = %q, want %q", path, got, want)
		}
	}
}
