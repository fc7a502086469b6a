package api

// registerAll adds every route: one line per noun, in the order of the document.
func registerAll(s *server) {
	registerHealth(s)
	registerNotifications(s)
	registerAnnouncements(s)
	registerRetention(s)
	registerMessageTypes(s)
	registerChannels(s)
	registerProviders(s)
	registerBots(s)
	registerSubscriptions(s)
	registerInbox(s)
	registerSessions(s)
	registerProfile(s)
	registerAccessKeys(s)
	registerAccounts(s)
	registerRootPasswords(s)
	registerUsers(s)
	registerUserSessions(s)
	registerUserKeys(s)
	registerGrants(s)
	registerOperationLogs(s)
	registerOperators(s)
	registerProducts(s)
	registerProductKeys(s)
	registerUnsubscribe(s)
}
