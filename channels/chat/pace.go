package chat

import (
	"bytes"
	"slices"
	"strconv"

	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/models/document"
)

// lowerRate is the setting by which an owner has fewer messages sent than the platform takes.
func lowerRate(most int) channels.Field {
	return channels.Field{
		Name: channels.MaxPerMinute, Type: "int", Min: 1, Max: most, Labels: Texts("Messages a minute, at most", "每分钟最多消息数"),
		Help: Texts("Fewer than the "+strconv.Itoa(most)+" that the platform takes, where others use the same address. What has to wait leaves together.",
			"平台每分钟最多接收 "+strconv.Itoa(most)+" 条；地址与他人共用时可以调低。需要等待的消息会合并发送。"),
	}
}

// otherRate is the setting by which an operator knows another bound than the platform's documented one.
func otherRate() channels.Field {
	return channels.Field{
		Name: channels.MaxPerMinute, Type: "int", Min: 1, Max: 6000, Labels: Texts("Messages a minute for one bot", "单个机器人每分钟消息数"),
		Help: Texts("Instead of the platform's documented limit.", "代替平台公布的限制。"),
	}
}

// lastWord is in no message.
const lastWord = "zqendofmessagezq"

// Whole reports whether the platform's rendition holds all of the message: whether a last word
// that is added to it is there.
func (s *Sender) Whole(t channels.Target, m channels.Message) bool {
	d := documentOf(m)
	d.Blocks = append(slices.Clone(d.Blocks), document.Block{Kind: document.Paragraph, Runs: []document.Run{{Text: lastWord}}})
	return bytes.Contains(s.platform.Write(Call{Target: t, Message: m, Document: d, Now: s.now()}), []byte(lastWord))
}
