package webhook

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// TestStandardWebhooksVectors holds the public vectors.
func TestStandardWebhooksVectors(t *testing.T) {
	t.Parallel()
	rotation := `{"type":"resource.expiring","timestamp":"2026-01-02T03:04:05Z","data":{"resource_id":"i-abc","days_left":7}}`
	if sum := sha256.Sum256([]byte(rotation)); hex.EncodeToString(sum[:]) != "e956b26f2f1fe6f63b96fb871dceca79e0b48cc6b70b3b1d0cdf2dd1a693a2b6" {
		t.Fatal("the vector's body is not the published one")
	}
	for _, c := range []struct {
		secret, id, body, want string
		unix                   int64
	}{
		{"MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", `{"test": 2432232314}`, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", 1614265330},
		{"whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=", "msg_01HZX3F8Q2", rotation, "v1,VnSLKA52nyycaksn+fnzTpouR+DBOKzI/5lqEW6OZ94=", 1767323045},
		{"whsec_ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA=", "msg_01HZX3F8Q2", rotation, "v1,en2XNKp+kJ/RosAe50oJPHpbkApwMvJMpzkIvYpRZY8=", 1767323045},
	} {
		if got, err := sign(c.secret, c.id, time.Unix(c.unix, 0), []byte(c.body)); err != nil || got != c.want {
			t.Errorf("sign(%s) = %q, %v, want %q", c.id, got, err, c.want)
		}
	}
}

// FuzzWebhookVerify: what we sign verifies with the reference library, and no
// change of the body, the id or the time does.
func FuzzWebhookVerify(f *testing.F) {
	f.Add([]byte(`{"a":1}`), "dlv_1", int64(1767323045), 0)
	f.Add([]byte{}, "x", int64(0), 3)
	secret := "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
	library, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body []byte, id string, unix int64, at int) {
		if id == "" || unix < 0 || unix > 1<<40 {
			return
		}
		signature, err := sign(secret, id, time.Unix(unix, 0), body)
		if err != nil {
			t.Fatal(err)
		}
		header := http.Header{"Webhook-Id": {id}, "Webhook-Timestamp": {strconv.FormatInt(unix, 10)}, "Webhook-Signature": {signature}}
		if err := library.VerifyIgnoringTimestamp(body, header); err != nil {
			t.Fatalf("our signature does not verify: %v", err)
		}
		changed := append([]byte(nil), body...)
		if len(changed) == 0 {
			changed = []byte("x")
		} else {
			changed[uint(at)%uint(len(changed))] ^= 1
		}
		if library.VerifyIgnoringTimestamp(changed, header) == nil {
			t.Fatal("a changed body verifies")
		}
	})
}

func TestSecretsAreOfTheRightSize(t *testing.T) {
	t.Parallel()
	made, err := newSecret()
	if err != nil {
		t.Fatal(err)
	}
	for value, ok := range map[string]bool{
		made: true, "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=": true, "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw": true,
		"whsec_c2hvcnQ=": false, "whsec_***": false, "": false,
	} {
		if code, _ := checkSecret(value); (code == "") != ok {
			t.Errorf("checkSecret(%q) = %q, want ok %v", value, code, ok)
		}
	}
}
