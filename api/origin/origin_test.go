package origin_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"belfry.dev/belfry/api/origin"
)

const shop = "https://shop.example.com"

func TestOnlyOriginsAsBrowsersSendThemAreTaken(t *testing.T) {
	t.Parallel()
	for text, good := range map[string]bool{
		shop: true, "http://127.0.0.1:8080": true, "https://shop.example.com:8443": true, "http://[::1]:3000": true,
		"": false, "*": false, "null": false, "shop.example.com": false, shop + "/": false, shop + "/page": false, shop + "?": false, shop + "#x": false,
		"https://Shop.example.com": false, "https://shop.example.com:443": false, "http://shop.example.com:80": false, "https://shop.example.com:": false,
		"https://*.example.com:x": false, "ftp://shop.example.com": false, "https://me@shop.example.com": false, " " + shop: false,
	} {
		if _, err := origin.New("", []string{text}); (err == nil) != good {
			t.Errorf("New(%q) = %v", text, err)
		}
	}
}

func TestAPublicURLMustBeAbsolute(t *testing.T) {
	t.Parallel()
	for text, good := range map[string]bool{"": true, "https://belfry.example.com": true, "http://127.0.0.1:8080/": true, "belfry": false, "ftp://x": false, "https://": false} {
		if _, err := origin.New(text, nil); (err == nil) != good {
			t.Errorf("New(%q) = %v", text, err)
		}
	}
}

func TestAnswersAreSharedWithPagesOfTheBellOnly(t *testing.T) {
	t.Parallel()
	rules, err := origin.New("https://belfry.example.com", []string{shop})
	if err != nil {
		t.Fatal(err)
	}
	for from, shared := range map[string]bool{shop: true, "https://shop.example.com.evil.example": false, "http://shop.example.com": false, "null": false, "": false} {
		request := httptest.NewRequestWithContext(t.Context(), http.MethodOptions, "/v1/me/inbox/events", nil)
		request.Header.Set("Origin", from)
		request.Header.Set("Access-Control-Request-Method", http.MethodGet)
		answer := http.Header{}
		rules.Share(answer, request)
		if got := answer.Get("Access-Control-Allow-Origin"); (got == from && from != "") != shared || (got != "") != shared {
			t.Errorf("a page of %q: Access-Control-Allow-Origin %q", from, got)
		}
		if answer.Get("Vary") != "Origin" || answer.Get("Access-Control-Allow-Credentials") != "" {
			t.Errorf("a page of %q: %v", from, answer)
		}
		for method, asked := range map[string]bool{http.MethodGet: true, http.MethodPost: false} {
			asking := httptest.NewRecorder()
			rules.Preflight(method)(asking, request)
			if got := asking.Header().Get("Access-Control-Allow-Headers") != ""; got != (shared && asked) {
				t.Errorf("a page of %q asks for GET where %s is: %v", from, method, asking.Header())
			}
		}
	}
}

func TestWithoutOriginsNothingIsShared(t *testing.T) {
	t.Parallel()
	rules, err := origin.New("", nil)
	if err != nil {
		t.Fatal(err)
	}
	request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/v1/me/inbox/events", nil)
	request.Header.Set("Origin", "https://belfry.example.com")
	answer := http.Header{}
	if rules.Share(answer, request); len(answer) != 0 {
		t.Errorf("Share() sets %v", answer)
	}
}
