package tencentsms

import (
	"testing"
	"time"

	"belfry.dev/belfry/channels/chat"
)

func TestSMS1SignaturesAreThoseOfTheVectors(t *testing.T) {
	t.Parallel()
	body := chat.Encode(message{
		Phones: []string{"+8613800138000"}, App: "1400006666", Template: "1110", Sign: "云消息中心", Parameters: []string{"042137"}, Session: "ntf-01HZX3F8Q2",
	})
	if got, want := hexHash(body), "cbaca2d32a846743e8adbc0e42b2935187ab5ed653ce5fb22db19bef7666416f"; got != want {
		t.Errorf("the body %s has the hash %s, want %s", body, got, want)
	}
	now := time.Unix(1767323045, 0)
	for name, c := range map[string]struct {
		body            []byte
		hash, signature string
	}{
		"SendSms": {body, "4067801950851b9e2bff430421771e791dec79a4fc1d06969b8540bdee9aa85c", "eafad5aa289f98abb9cec18c1226ebe52a1748257dde1d40116e683c6fe08406"},
		"PullSmsSendStatus": {
			[]byte(`{"Limit":100,"SmsSdkAppId":"1400006666"}`), "", "5b4a3fa0ce34af481d7aa07693e3108706750f75f3dda89bb4d26bfeadaf8b65",
		},
	} {
		hash, signature := sign("testsecret", "sms.tencentcloudapi.com", now, c.body)
		if c.hash != "" && hash != c.hash || signature != c.signature {
			t.Errorf("%s: sign() = %s, %s, want %s, %s", name, hash, signature, c.hash, c.signature)
		}
	}
}
