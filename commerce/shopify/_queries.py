"""What is asked of Shopify's GraphQL Admin API.

Everything that differs between two requests is a variable: nothing is put together from text.
Nothing is asked for that is not needed, above all of what concerns a customer.
"""

_SHOP = """
fragment ShopFacts on Shop {
  ianaTimezone
  orderNumberFormatPrefix
  orderNumberFormatSuffix
}
"""

# What was charged is told in the customer's own currency: "presentment".
_ORDER = """
fragment OrderFacts on Order {
  id
  name
  number
  email
  createdAt
  cancelledAt
  cancellation { staffNote }
  displayFulfillmentStatus
  displayFinancialStatus
  returnStatus
  customer { id }
  shippingAddress { name zip countryCodeV2 }
  lineItems(first: 50) {
    nodes {
      id
      sku
      name
      quantity
      currentQuantity
      variant { id }
      product { productType category { name } }
    }
  }
  fulfillments(first: 10) {
    status
    displayStatus
    createdAt
    deliveredAt
    trackingInfo { company number url }
  }
  totalPriceSet { presentmentMoney { amount currencyCode } }
  totalShippingPriceSet { presentmentMoney { amount currencyCode } }
}
"""

FIND_ORDERS = f"""
query FindOrders($query: String!) {{
  shop {{ ...ShopFacts }}
  orders(first: 5, query: $query) {{ nodes {{ ...OrderFacts }} }}
}}
{_SHOP}{_ORDER}"""

# `done` is there if this change was made before; the rest of the address is kept where it fits.
FIND_ORDERS_TO_REDIRECT = f"""
query FindOrdersToRedirect($query: String!, $done: String!) {{
  shop {{ ...ShopFacts }}
  orders(first: 5, query: $query) {{
    nodes {{
      ...OrderFacts
      done: metafield(namespace: "shopdesk", key: $done) {{ value }}
      redirected: shippingAddress {{ phone provinceCode zip countryCodeV2 }}
    }}
  }}
}}
{_SHOP}{_ORDER}"""

ORDERS_OF = f"""
query OrdersOf($customer: ID!, $limit: Int!) {{
  shop {{ ...ShopFacts }}
  customer(id: $customer) {{
    orders(first: $limit, sortKey: CREATED_AT, reverse: true) {{ nodes {{ ...OrderFacts }} }}
  }}
}}
{_SHOP}{_ORDER}"""

ORDER = f"""
query ReadOrder($id: ID!) {{
  order(id: $id) {{ ...OrderFacts }}
}}
{_ORDER}"""

ORDER_IF_REDIRECTED = f"""
query ReadOrderIfRedirected($id: ID!, $done: String!) {{
  order(id: $id) {{
    ...OrderFacts
    done: metafield(namespace: "shopdesk", key: $done) {{ value }}
  }}
}}
{_ORDER}"""

JOB = """
query ReadJob($id: ID!) {
  job(id: $id) { done }
}
"""

RETURNS = """
query ReadReturns($id: ID!) {
  order(id: $id) {
    returns(first: 50) {
      nodes {
        name
        status
        returnLineItems(first: 20) {
          nodes {
            customerNote
            ... on ReturnLineItem {
              fulfillmentLineItem { lineItem { id sku variant { id } } }
            }
          }
        }
      }
    }
  }
  returnableFulfillments(orderId: $id, first: 20) {
    nodes {
      returnableFulfillmentLineItems(first: 50) {
        nodes {
          quantity
          fulfillmentLineItem { id lineItem { id sku variant { id } } }
        }
      }
    }
  }
}
"""

PRODUCTS = """
query ReadProducts($first: Int!, $after: String) {
  products(first: $first, after: $after, query: "status:active") {
    pageInfo { hasNextPage endCursor }
    nodes {
      title
      vendor
      productType
      category { name }
      description(truncateAt: 2000)
      publishedAt
      onlineStoreUrl
      priceRangeV2 { minVariantPrice { amount currencyCode } }
      variants(first: 100) {
        nodes {
          id
          sku
          availableForSale
          inventoryQuantity
          selectedOptions { name value }
          inventoryItem { measurement { weight { value unit } } }
        }
      }
    }
  }
}
"""

CANCEL_ORDER = """
mutation CancelOrder($id: ID!, $note: String!) {
  orderCancel(
    orderId: $id
    reason: CUSTOMER
    refundMethod: { originalPaymentMethodsRefund: true }
    restock: true
    notifyCustomer: true
    staffNote: $note
  ) {
    job { id }
    orderCancelUserErrors { code field }
  }
}
"""

CHANGE_ADDRESS = f"""
mutation ChangeAddress($input: OrderInput!) {{
  orderUpdate(input: $input) {{
    order {{ ...OrderFacts }}
    userErrors {{ field }}
  }}
}}
{_ORDER}"""

REQUEST_RETURN = """
mutation RequestReturn($input: ReturnRequestInput!) {
  returnRequest(input: $input) {
    return { name status }
    userErrors { code field }
  }
}
"""
