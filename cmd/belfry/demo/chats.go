package demo

import (
	"context"
	"errors"
	"strconv"

	"belfry.dev/belfry/cmd/belfry/client"
)

// platforms are the chat platforms that the demo's operator offers.
var platforms = [...]string{"dingtalk", "wecom", "feishu", "slack", "teams", "telegram"}

// groups are the demo's bots: one of a platform that asks for a keyword, one that does not.
var groups = [...]struct{ name, platform, keyword string }{
	{"ops-dingtalk", "dingtalk", "Belfry"},
	{"ops-slack", "slack", ""},
}

// offerChats makes a provider for each chat platform, whose bots may be at the sandbox.
func (s *Seeder) offerChats(ctx context.Context, operator *client.Client) error {
	if !s.Populates {
		return nil
	}
	var errs []error
	for _, platform := range platforms {
		settings := map[string]string{"allow_http": "true", "ports": strconv.Itoa(portOf(s.Sandbox.URL()))}
		if platform == "telegram" {
			settings["api"] = s.Sandbox.ChatURL(platform, "")
		} else {
			settings["hosts"] = "127.0.0.1"
		}
		errs = append(errs, s.ensure(ctx, operator, "/v1/providers", "sandbox-"+platform, map[string]any{"kind": platform, "settings": settings}))
	}
	return errors.Join(errs...)
}

// chats makes the account's bots in group chats.
func (s *Seeder) chats(ctx context.Context, root *client.Client) error {
	if !s.Populates {
		return nil
	}
	var errs []error
	for _, each := range groups {
		body := map[string]any{"channel": each.platform, "secrets": map[string]string{"url": s.Sandbox.ChatURL(each.platform, each.name)}}
		if each.keyword != "" {
			body["settings"] = map[string]string{"keywords": each.keyword}
		}
		errs = append(errs, s.ensure(ctx, root, "/v1/bots", each.name, body))
	}
	return errors.Join(errs...)
}
