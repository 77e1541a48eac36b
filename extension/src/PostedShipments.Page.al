// Posted shipments with tracking number and agent. A client may write the sync state, nothing else.
page 50102 "Cartage Posted Shipments"
{
    PageType = API;
    APIPublisher = 'cartage';
    APIGroup = 'shopify';
    APIVersion = 'v1.0';
    EntityName = 'postedShipment';
    EntitySetName = 'postedShipments';
    SourceTable = "Sales Shipment Header";
    ODataKeyFields = SystemId;
    InsertAllowed = false;
    DeleteAllowed = false;
    DelayedInsert = true;
    Extensible = false;
    // posted documents are read-only to users; the state is the app's own field
    Permissions = tabledata "Sales Shipment Header" = rm;

    layout
    {
        area(Content)
        {
            repeater(Records)
            {
                field(id; Rec.SystemId) { Editable = false; }
                field(number; Rec."No.") { Editable = false; }
                field(orderNumber; Rec."Order No.") { Editable = false; }
                field(externalDocumentNumber; Rec."External Document No.") { Editable = false; }
                field(shopifyOrderId; Rec."Cartage Shopify Order Id") { Editable = false; }
                field(shopifyOrderNumber; Rec."Cartage Shopify Order No.") { Editable = false; }
                field(postingDate; Rec."Posting Date") { Editable = false; }
                field(shippingAgentCode; Rec."Shipping Agent Code") { Editable = false; }
                field(shippingAgentServiceCode; Rec."Shipping Agent Service Code") { Editable = false; }
                field(trackingNumber; Rec."Package Tracking No.") { Editable = false; }
                field(trackingUrl; TrackingUrl) { Editable = false; }
                field(syncState; Rec."Cartage Sync State") { }
                field(lastModifiedDateTime; Rec.SystemModifiedAt) { Editable = false; }
                part(lines; "Cartage Posted Shipment Lines")
                {
                    EntityName = 'line';
                    EntitySetName = 'lines';
                    SubPageLink = "Document No." = field("No.");
                }
            }
        }
    }

    var
        TrackingUrl: Text;

    trigger OnAfterGetRecord()
    var
        ShippingAgent: Record "Shipping Agent";
    begin
        TrackingUrl := '';
        if (Rec."Package Tracking No." <> '') and ShippingAgent.Get(Rec."Shipping Agent Code") then
            TrackingUrl := ShippingAgent.GetTrackingInternetAddr(Rec."Package Tracking No.");
    end;
}
