package alibabasms

import (
	"net/url"
	"testing"
	"time"
)

// TestSMS1SignaturesAreThoseOfTheVectors: the first is the provider's published one.
func TestSMS1SignaturesAreThoseOfTheVectors(t *testing.T) {
	t.Parallel()
	sms := action{
		name: "SendSms", version: "2017-05-25", host: "dysmsapi.aliyuncs.com", nonce: "00000000000000000000000000000001",
		at: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), id: "testid", secret: "testsecret",
		query: url.Values{
			"OutId": {"ntf-01HZX3F8Q2"}, "PhoneNumbers": {"13800138000"}, "SignName": {"云消息中心"}, "TemplateCode": {"SMS_123456789"}, "TemplateParam": {`{"code":"042137"}`},
		},
	}
	details := sms
	details.name = "QuerySendDetails"
	details.query = url.Values{"BizId": {"900619746936498440^0"}, "CurrentPage": {"1"}, "PageSize": {"10"}, "PhoneNumber": {"13800138000"}, "SendDate": {"20260102"}}
	published := action{
		name: "RunInstances", version: "2014-05-26", host: "ecs.cn-shanghai.aliyuncs.com", nonce: "3156853299f313e23d1673dc12e1703d",
		at: time.Date(2023, 10, 26, 10, 22, 32, 0, time.UTC), id: "YourAccessKeyId", secret: "YourAccessKeySecret",
		query: url.Values{"ImageId": {"win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd"}, "RegionId": {"cn-shanghai"}},
	}
	for name, c := range map[string]struct {
		action          action
		hash, signature string
	}{
		"published": {published, "7ea06492da5221eba5297e897ce16e55f964061054b7695beedaac1145b1e259", "06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"},
		"SendSms":   {sms, "3d1e60f1958915468d9d18238dfcd0b7ca38e51c71232debad3e1104cd8cc297", "c9d0c6ee932c38206dd44fae3ff2c5da987e1b1032cdc2a7368c19f60860f81d"},
		"details":   {details, "", "7d2080ca0537668827e353acd75da5fa0af6e679d0301742d8a35401e73b6356"},
	} {
		hash, _, signature := c.action.sign()
		if c.hash != "" && hash != c.hash || signature != c.signature {
			t.Errorf("%s: sign() = %s, %s, want %s, %s", name, hash, signature, c.hash, c.signature)
		}
	}
	want := "OutId=ntf-01HZX3F8Q2&PhoneNumbers=13800138000&SignName=%E4%BA%91%E6%B6%88%E6%81%AF%E4%B8%AD%E5%BF%83&TemplateCode=SMS_123456789&TemplateParam=%7B%22code%22%3A%22042137%22%7D"
	if got := canonical(sms.query); got != want {
		t.Errorf("canonical() = %s", got)
	}
	if got := canonical(url.Values{"a b*~": {"c+d e*~"}}); got != "a%20b%2A~=c%2Bd%20e%2A~" {
		t.Errorf("canonical() = %s", got)
	}
}
