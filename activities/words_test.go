package activities_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/internal/world"
	"belfry.dev/belfry/models"
)

func TestBoundlessWordsOfAProviderAreCut(t *testing.T) {
	t.Parallel()
	s := newScene(t, email)
	s.Sink.Answer(world.Always(models.ChannelEmail, &channels.Error{
		Class: channels.Permanent, Reason: "content_rejected", Code: strings.Repeat("告", 60), Message: strings.Repeat("\xff", 5000),
	}))
	assert.True(t, s.attempt(models.ChannelEmail).Done)
	_, attempts := s.Delivery(s.id, models.ChannelEmail)
	assert.Equal(t, strings.Repeat("告", 21), attempts[0].ProviderCode)
	assert.LessOrEqual(t, len(attempts[0].ProviderMessage), 1024)
}
