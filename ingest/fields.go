package ingest

// recordField takes the members of a record. The names are those of the
// CloudTrail user guide, "CloudTrail record contents".
func recordField(d *decoder, key string) (bit uint64, took bool) {
	e := d.e
	switch key {
	case "eventVersion":
		return 1 << 0, d.str(&e.EventVersion)
	case "userIdentity":
		return 1 << 1, d.identity()
	case "eventTime":
		return 1 << 2, d.eventTime()
	case "eventSource":
		return 1 << 3, d.str(&e.EventSource)
	case "eventName":
		return 1 << 4, d.str(&e.EventName)
	case "awsRegion":
		return 1 << 5, d.str(&e.AWSRegion)
	case "sourceIPAddress":
		return 1 << 6, d.str(&e.SourceIPAddress)
	case "userAgent":
		return 1 << 7, d.str(&e.UserAgent)
	case "requestParameters":
		return 1 << 8, d.raw(&e.RequestParameters, d.depth)
	case "responseElements":
		return 1 << 9, d.raw(&e.ResponseElements, d.depth)
	case "requestID":
		return 1 << 10, d.str(&e.RequestID)
	case "eventID":
		return 1 << 11, d.str(&e.EventID)
	case "readOnly":
		return 1 << 12, d.flag(&e.ReadOnly)
	case "resources":
		return 1 << 13, d.resources()
	case "eventType":
		return 1 << 14, d.str(&e.EventType)
	case "managementEvent":
		return 1 << 15, d.flag(&e.Management)
	case "recipientAccountId":
		return 1 << 16, d.str(&e.RecipientAccountID)
	case "eventCategory":
		return 1 << 17, d.str(&e.EventCategory)
	case "errorCode":
		return 1 << 18, d.str(&e.ErrorCode)
	case "errorMessage":
		return 1 << 19, d.str(&e.ErrorMessage)
	case "additionalEventData":
		return 1 << 20, d.raw(&e.AdditionalEventData, d.depth)
	case "serviceEventDetails":
		return 1 << 21, d.raw(&e.ServiceEventDetails, d.depth)
	}
	return recordFieldRare(d, key)
}

func recordFieldRare(d *decoder, key string) (bit uint64, took bool) {
	e := d.e
	switch key {
	case "sharedEventID":
		return 1 << 22, d.str(&e.SharedEventID)
	case "apiVersion":
		return 1 << 23, d.str(&e.APIVersion)
	case "vpcEndpointId":
		return 1 << 24, d.str(&e.VPCEndpointID)
	case "vpcEndpointAccountId":
		return 1 << 25, d.str(&e.VPCEndpointAccountID)
	case "tlsDetails":
		return 1 << 26, d.object(kindTLS, d.depth, key, tlsField)
	case "sessionCredentialFromConsole":
		return 1 << 27, d.flag(&e.ConsoleCredential)
	case "Records":
		d.wrapped = d.b[d.i] == '['
	}
	return 0, false
}

func tlsField(d *decoder, key string) (bit uint64, took bool) {
	e := d.e
	switch key {
	case "tlsVersion":
		return 1, d.str(&e.TLSVersion)
	case "cipherSuite":
		return 2, d.str(&e.TLSCipherSuite)
	case "clientProvidedHostHeader":
		return 4, d.str(&e.TLSHostHeader)
	}
	return 0, false
}

// identity takes userIdentity; what has no column goes to IdentityExtra.
func (d *decoder) identity() bool {
	if d.b[d.i] != '{' {
		return false
	}
	if !d.members(kindIdentity, d.depth, identityField) {
		return false
	}
	d.e.IdentityExtra = d.takeExtra(1)
	return true
}

func identityField(d *decoder, key string) (bit uint64, took bool) {
	e := d.e
	switch key {
	case "type":
		return 1 << 0, d.str(&e.IdentityType)
	case "principalId":
		return 1 << 1, d.str(&e.PrincipalID)
	case "arn":
		return 1 << 2, d.str(&e.IdentityARN)
	case "accountId":
		return 1 << 3, d.str(&e.IdentityAccountID)
	case "accessKeyId":
		return 1 << 4, d.str(&e.AccessKeyID)
	case "userName":
		return 1 << 5, d.str(&e.IdentityUserName)
	case "invokedBy":
		return 1 << 6, d.str(&e.InvokedBy)
	case "identityProvider":
		return 1 << 7, d.str(&e.IdentityProvider)
	case "sessionContext":
		return 1 << 8, d.object(kindSession, d.depth+1, key, sessionField)
	case "onBehalfOf":
		return 1 << 9, d.object(kindBehalf, d.depth+1, key, behalfField)
	}
	return 0, false
}

func behalfField(d *decoder, key string) (bit uint64, took bool) {
	switch key {
	case "userId":
		return 1, d.str(&d.e.OnBehalfOfUserID)
	case "identityStoreArn":
		return 2, d.str(&d.e.OnBehalfOfStoreARN)
	}
	return 0, false
}

func sessionField(d *decoder, key string) (bit uint64, took bool) {
	switch key {
	case "attributes":
		return 1, d.object(kindAttributes, d.depth+2, key, attributeField)
	case "sessionIssuer":
		return 2, d.object(kindIssuer, d.depth+2, key, issuerField)
	case "webIdFederationData":
		return 4, d.object(kindWebID, d.depth+2, key, webIDField)
	case "ec2RoleDelivery":
		return 8, d.str(&d.e.EC2RoleDelivery)
	case "sourceIdentity":
		return 16, d.str(&d.e.SourceIdentity)
	}
	return 0, false
}

func attributeField(d *decoder, key string) (bit uint64, took bool) {
	switch key {
	case "mfaAuthenticated":
		return 1, d.flag(&d.e.MFAAuthenticated)
	case "creationDate":
		return 2, d.when(&d.e.SessionCreated)
	}
	return 0, false
}

func issuerField(d *decoder, key string) (bit uint64, took bool) {
	e := d.e
	switch key {
	case "type":
		return 1, d.str(&e.IssuerType)
	case "principalId":
		return 2, d.str(&e.IssuerPrincipalID)
	case "arn":
		return 4, d.str(&e.IssuerARN)
	case "accountId":
		return 8, d.str(&e.IssuerAccountID)
	case "userName":
		return 16, d.str(&e.IssuerUserName)
	}
	return 0, false
}

func webIDField(d *decoder, key string) (bit uint64, took bool) {
	if key == "federatedProvider" {
		return 1, d.str(&d.e.WebIDProvider)
	}
	return 0, false
}
